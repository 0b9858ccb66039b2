# Released results → tables, figures and the report. Formatting only.


rule present_tables:
    input:
        unpack(
            released(
                "summarise_baseline",
                "estimate_survival",
                "fit_cox",
                "estimate_sensitivity",
                "summarise_response",
                "summarise_safety",
                "summarise_quality",
            )
        ),
        unpack(released_concordance),
        styles=study_rules.word_styles(ROOT),
    output:
        **shown_exhibits(catalogue.tables(STUDY), "html", "md", "csv"),
        **files_alone(catalogue.tables(STUDY)),
    log:
        f"{LOGS}/present_tables.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("present_tables"),
        settings=settings_for("present_tables"),
    message:
        "Writing the tables"
    script:
        "../scripts/present_tables.py"


rule draw_figures:
    input:
        unpack(released("summarise_baseline", "estimate_survival", "fit_cox", "summarise_response")),
        unpack(released_smooths),
        curves=released_curves,
    output:
        **shown_exhibits(catalogue.figures(STUDY), "svg", "png", "csv"),
        **files_alone(catalogue.figures(STUDY)),
    log:
        f"{LOGS}/draw_figures.log",
    conda:
        "../../envs/cutline.yaml"
    threads: 2
    params:
        code=code_of("draw_figures"),
        settings=settings_for("draw_figures"),
    message:
        "Drawing the figures"
    script:
        "../scripts/draw_figures.py"


rule render_report:
    input:
        unpack(released_concordance),
        ard=output_of("release_results", "ard"),
        curves=released_curves,
        tables=list(exhibit_files(catalogue.tables(STUDY), "md").values()),
        figures=list(exhibit_files(catalogue.figures(STUDY), "svg", "png").values()),
        sources=study_rules.report_sources(STUDY, ROOT),
        codelists=list(STUDY.get("codelists", {}).values()),
    output:
        **shown_report_files(),
    log:
        f"{LOGS}/render_report.log",
    conda:
        "../../envs/cutline.yaml"
    params:
        code=code_of("render_report"),
        settings=settings_for("render_report"),
    message:
        "Rendering the report ({STUDY[report][engine]})"
    script:
        "../scripts/render_report.py"
