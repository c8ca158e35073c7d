"""The front door: what `./kontor WORD` does. No other package may import it."""
