"""How staff's pages write dates and times: the day first, the month as a word, so nobody can misread them."""
