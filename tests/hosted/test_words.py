"""Three languages, each sentence with the same facts in all of them."""

import re

from apps.hosted.words import _WORDS, LANGUAGES, spoken, word


def test_each_sentence_names_the_same_facts_in_each_language() -> None:
    for name, said in _WORDS.items():
        assert len(said) == len(LANGUAGES) == 3
        assert all(said), name
        facts = [sorted(re.findall(r"\{(\w+)\}", text)) for text in said]
        assert facts[0] == facts[1] == facts[2], name


def test_another_language_reads_english() -> None:
    assert (spoken("de"), spoken("ja")) == ("de", "en")
    assert word("pay_button", "ja", open="¥5") == "Pay ¥5 now"
    assert word("pay_button", "fr", open="5 €") == "Payer 5 € maintenant"
