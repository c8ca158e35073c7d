"""A simulated acquirer: a process of its own, with its own book, that never touches ours.

What it promises is in `payments.acquirer.server`, how its cards behave in
`payments.acquirer.cards`.
"""
