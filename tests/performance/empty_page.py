"""The fixed baseline of bench_pdf: an empty page, whose title differs each time."""

import typst

_PAGE = b'#set document(title: sys.inputs.title); #set page(paper: "a4")'


def empty(number: int) -> bytes:
    """The page as PDF."""
    compiler = typst.Compiler(_PAGE, ignore_system_fonts=True, font_paths=[], sys_inputs={"title": str(number)})
    made = compiler.compile(format="pdf", timestamp=0)
    assert isinstance(made, bytes)
    return made
