"""Two renderings of one document, compared as a reader sees them: words, numbers, cells, captions, references."""
