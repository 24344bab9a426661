"""``python -m hefed.encryptor``. Encrypting processes import this module again, so the commands load only when run."""

if __name__ == "__main__":
    from hefed.encryptor.commands import main

    main()
