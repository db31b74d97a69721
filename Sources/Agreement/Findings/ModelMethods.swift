import Reporting

extension Methods {
  /// The models that were fitted, in words; nil if there are none.
  var models: Prose? {
    guard let table = findings["mixed_models"], !table.rows.isEmpty else { return nil }
    func systems(_ wanted: [String: String]) -> [String] {
      table.rows(where: wanted).map { table.text($0, "system") }.reduce(into: []) {
        if !$0.contains($1) { $0.append($1) }
      }
    }
    var text: Prose = ""
    let ranked = systems(["predictor": "rank"])
    let predictor: Prose =
      ranked.isEmpty
      ? "Distance is standardised over each system's ratings."
      : "Distance is standardised over each system's ratings; where a system does not give the distances of all that it ranks (\(ranked.joined(separator: ", "))), its ranks take their place."
    let linear = table.rows(where: ["model": "linear"]),
      sloped = linear.filter { table.number($0, "sd_query_slope") != nil }
    let kept: Prose =
      sloped.count == linear.count
      ? "slopes of queries lowered the AIC of all of them and were kept;"
      : sloped.isEmpty
        ? "slopes of queries did not lower the AIC of any of them and were left out, (1 | query) standing in their place;"
        : "slopes of queries lowered the AIC of \(sloped.count) of these \(linear.count) models and were kept there, and were left out of the others, (1 | query) standing in their place;"
    if !linear.isEmpty {
      text =
        "Linear mixed models, rating ~ distance + (1 + distance | participant) + (1 + distance | query), were fitted to single ratings for each system by restricted maximum likelihood, as lme4 does (Bates et al. 2015); \(kept) a query asked for under another condition counts as another query. \(predictor) Intervals and p-values of slopes are of t with Satterthwaite's degrees of freedom, as lmerTest has them (Kuznetsova et al. 2017), and are not corrected for the number of models; χ² is of the likelihood-ratio test against the model without the fixed effect of distance, both by maximum likelihood, as are AIC and BIC. Marginal and conditional R² follow Nakagawa & Schielzeth (2013) and, with slopes that vary, Johnson (2014). Where queries differ in their intercepts only, these intervals and p-values speak for other listeners rather than for other queries; those of agreement speak for both."
    }
    if table.rows.indices.contains(where: { table.number($0, "sd_candidate") != nil }) {
      text =
        text
        + " Where candidates recur from query to query, (1 | candidate) and (1 | query:candidate) stand beside listeners and queries."
    }
    if MixedModels(sample: sample).ordinalIsLeftOff {
      text =
        text
        + " The scale has few points, but the plan asks for no cumulative-link model (models: {ordinal: always})."
    }
    if !table.rows(where: ["model": "cumulative_link"]).isEmpty {
      let rule: Prose =
        findings.plan.ordinalModels == .always
        ? "as the plan says" : "the ratings having at most \(MixedModels.mostSteps) different values"
      text =
        text
        + " Cumulative-link mixed models, with logits, flexible thresholds and the same random terms, were fitted by Laplace's approximation (Christensen 2019), \(rule); their slopes are log odds of a higher rating for a standard deviation\(table.rows(where: ["model": "linear"]).isEmpty ? ". " + predictor.text : ".")"
    }
    return text
  }

  var modelCitations: [String] {
    guard let table = findings["mixed_models"] else { return [] }
    var citations: [String] = []
    if !table.rows(where: ["model": "linear"]).isEmpty {
      citations = [
        "Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4. Journal of Statistical Software 67(1).",
        "Kuznetsova, A., Brockhoff, P. B. & Christensen, R. H. B. (2017). lmerTest package: tests in linear mixed effects models. Journal of Statistical Software 82(13).",
        "Nakagawa, S. & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized linear mixed-effects models. Methods in Ecology and Evolution 4.",
        "Matuschek, H. et al. (2017). Balancing Type I error and power in linear mixed models. Journal of Memory and Language 94.",
        "Johnson, P. C. D. (2014). Extension of Nakagawa & Schielzeth's R²GLMM to random slopes models. Methods in Ecology and Evolution 5.",
      ]
    }
    if !table.rows(where: ["model": "cumulative_link"]).isEmpty {
      citations.append("Christensen, R. H. B. (2019). ordinal: regression models for ordinal data. R package.")
    }
    return citations
  }
}
