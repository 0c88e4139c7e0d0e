"""How the bundled model is made: teaching text, corpus, tokenizer, training, evaluation."""
