# Two cuts of a study → what changed, and why. Only where there is a cut to compare with (`compare_with`).

if OLD and "unavailable" not in STUDY["compare"]:

    rule attribute_changes:
        input:
            unpack(both_snapshots),
            **{f"codelist_{name}": path for name, path in STUDY.get("codelists", {}).items()},
            **old_tables(),
            old_manifest=f"{OLD}/patient/snapshot/manifest.json",
            old_ard=f"{OLD}/aggregate/ard.csv",
            new_manifest=output_of("extract_snapshot", "manifest"),
            new_ard=output_of("release_results", "ard"),
        output:
            **attribution_files(),
            persons=f"{CUT}/patient/changed_persons.parquet",
        log:
            f"{LOGS}/attribute_changes.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("attribute_changes"),
            settings=settings_for("attribute_changes"),
        message:
            "Finding what moved the results since {STUDY[compare][old][cut]}"
        script:
            "../scripts/attribute_changes.py"


if OLD:

    rule compare_cuts:
        input:
            **attribution_files(),
            old_ard=f"{OLD}/aggregate/ard.csv",
            old_curves=old_curves(),
            new_ard=output_of("release_results", "ard"),
            new_curves=released_curves,
            sources=study_rules.change_sources(ROOT),
        output:
            **changes_files(),
        log:
            f"{LOGS}/compare_cuts.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("compare_cuts"),
            settings=settings_for("compare_cuts"),
        message:
            "Reporting what changed since {STUDY[compare][old][cut]}"
        script:
            "../scripts/compare_cuts.py"
