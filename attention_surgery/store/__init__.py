"""What outlives the process: a database, its schema and migrations, and what is kept in it.

SQLite in a file of the user's, or PostgreSQL by URL. Importing the package does not import
SQLAlchemy; the first use of the database does.
"""
