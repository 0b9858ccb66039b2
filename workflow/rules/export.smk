# The included persons as data sets for other programs. Patient level: nothing of it leaves patient/.

if STUDY["exports"]["formats"]:

    rule write_exports:
        input:
            unpack(accepted("write_exports")),
            unpack(derived),
            templates=EXPORT_TEMPLATES,
        output:
            **exports(),
        log:
            f"{LOGS}/write_exports.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("write_exports"),
            settings=settings_for("write_exports"),
        message:
            "Writing the data sets for other programs ({STUDY[exports][formats]})"
        script:
            "../scripts/write_exports.py"
