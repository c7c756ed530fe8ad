"""quizkit: live quizzes on infrastructure you own."""

__version__ = "0.1.0"
