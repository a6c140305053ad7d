"""The demo: five policies in five regimes of change, their people, and a mailbox that shows every mail."""
