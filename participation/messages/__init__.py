"""The outbox: what is to be told to whom, kept in the transaction it follows from, and sent by a worker."""
