"""How a document looks: its facts as words, the page made of them, and the code to scan."""
