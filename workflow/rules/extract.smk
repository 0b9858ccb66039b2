# Source → snapshot as of the cut-off → accepted and quarantined records.


if "simulate" in STUDY:

    rule simulate_source:
        input:
            published=f"{STUDY_FOLDER}/published.yaml",
        output:
            database=STUDY["source"]["path"],
            truth=f"{RESOURCES}/truth.csv",
        log:
            f"logs/{STUDY['study']}/simulate_source.log",
        conda:
            "../../envs/cutline.yaml"
        params:
            code=code_of("simulate_source"),
            settings=settings_for("simulate_source"),
        message:
            "Drawing the synthetic hospital database"
        script:
            "../scripts/simulate_source.py"


checkpoint extract_snapshot:
    input:
        source=SOURCE_FILES,
    output:
        **{table: f"{CUT}/patient/snapshot/{table}.parquet" for table in STUDY["source"]["tables"]},
        manifest=f"{CUT}/patient/snapshot/manifest.json",
    log:
        f"{LOGS}/extract_snapshot.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("extract_snapshot"),
        settings=settings_for("extract_snapshot"),
    message:
        "Reading the records known at {CUT_NAME}"
    script:
        "../scripts/extract_snapshot.py"


checkpoint check_records:
    input:
        unpack(snapshot),
        **answered(),
    output:
        **{table: f"{CUT}/patient/accepted/{table}.parquet" for table in STUDY["source"]["tables"]},
        quarantine=f"{CUT}/patient/quarantine.parquet",
        imputed=f"{CUT}/patient/imputed.parquet",
        corrections=f"{CUT}/patient/corrections.parquet",
        accounting=f"{CUT}/aggregate/accounting.csv",
    log:
        f"{LOGS}/check_records.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("check_records"),
        settings=settings_for("check_records"),
    message:
        "Checking every record; what fails is set aside with its reason"
    script:
        "../scripts/check_records.py"
