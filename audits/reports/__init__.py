"""The figures of an audit, and the forms in which people read them."""
