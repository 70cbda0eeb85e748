"""Publishing: a finished folder becomes one commit of a repository on the Hugging Face Hub."""
