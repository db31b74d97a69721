import Basics
import Foundation
import Keys

/// Rules for `study.yaml` beyond the range of each key, as far as they can be checked without the tables.
enum StudyRules {
  /// The columns of participants.csv that every study has: those before the questions, and those after, which give way
  /// to a question of the same name.
  static let participantColumns = ParticipantRow.columns.map(\.field.name)
  private static let linkColumns = ParticipantRow.laterColumns.map(\.field.name)

  /// - Parameter types: the trial types.
  static func check(_ definition: StudyDefinition, types: [any TrialDesign], _ reader: inout YAMLReader) {
    for (path, run) in paths(definition) {
      scale(run.scale, path, &reader)
      pool(run.pool, path, &reader)
    }
    for (language, text) in definition.texts.question {
      placeholders(in: text, known: ["condition"], of: "texts.question", language, &reader)
    }
    // If there are blocks, each has its own question.
    if definition.blocks.isEmpty, !reader.isGiven("blocks") {
      reader.requireText(definition.texts.question, "texts.question")
    }
    blocks(definition, types, &reader)
    groups(definition, &reader)
    questions(definition, &reader)
    if definition.headphones.pass > definition.headphones.trials {
      reader.fail(
        "'headphones.pass' is \(definition.headphones.pass), but there are \(definition.headphones.trials) rounds",
        at: reader.place(of: "headphones.pass"), mend: "It cannot be more than 'headphones.trials'.")
    }
    look(definition.look, &reader)
    joining(definition, &reader)
    redirect(definition.finish.redirect, "finish.redirect", keeps: definition.joining.keep, &reader)
    for (key, way) in StudyDefinition.Leaving.all {
      redirect(
        definition.leaving[keyPath: way].redirect, "leaving.\(key).redirect", keeps: definition.joining.keep, &reader)
    }
  }

  /// Checked before all else, because every text depends on the languages.
  static func languages(_ languages: [String], _ reader: inout YAMLReader) -> [String] {
    for language in languages where !LanguageCode.isOne(language) {
      reader.fail(
        "'\(language)' is not a language code", at: reader.place(of: "languages"),
        mend: "Write BCP 47 codes: en, de, ko, pt-BR.")
    }
    if languages.isEmpty {
      reader.fail("'languages' is empty", at: reader.place(of: "languages"), mend: "Name at least one: [en].")
    }
    return languages.isEmpty ? ["en"] : languages
  }

  /// Each run, and the path that precedes its keys in the file.
  static func paths(_ definition: StudyDefinition) -> [(path: String, run: StudyDefinition.Block)] {
    definition.runs.enumerated().map { (definition.blocks.isEmpty ? "" : "blocks[\($0)].", $1) }
  }

  /// Rules that apply only to a list of blocks.
  private static func blocks(
    _ definition: StudyDefinition, _ types: [any TrialDesign], _ reader: inout YAMLReader
  ) {
    let names = types.map(\.name)
    for (i, block) in definition.blocks.enumerated() {
      let (path, before) = ("blocks[\(i)]", definition.blocks[..<i])
      if !block.name.isEmpty, block.name.wholeMatch(of: /[a-z][a-z0-9_]*/) == nil {
        reader.fail(
          "'\(block.name)' cannot name a block", at: reader.place(of: "\(path).name"),
          mend: "Use small letters, digits and underscores, a letter first.")
      } else if before.contains(where: { $0.name == block.name }) {
        reader.fail(
          "two blocks have the name '\(block.name)'", at: reader.place(of: "\(path).name"), mend: "Rename one of them."
        )
      }
      if !names.contains(block.type) {
        reader.fail(
          "there is no trial type '\(block.type)'", at: reader.place(of: "\(path).type"),
          mend: Suggestion.didYouMean(block.type, among: names) ?? "The types are \(names.joined(separator: ", ")).")
      } else if block.type == "similarity", let other = before.first(where: { $0.type == block.type }),
        (other.scale.minimum, other.scale.maximum) != (block.scale.minimum, block.scale.maximum)
      {
        reader.fail(
          "the ratings of this block go from \(block.scale.minimum) to \(block.scale.maximum), but those of '\(other.name)' from \(other.scale.minimum) to \(other.scale.maximum)",
          at: reader.place(of: "\(path).scale"), mend: "Use one scale for both.")
      }
      if let source = block.source, let type = types.first(where: { $0.name == block.type }),
        !type.sources.contains(source)
      {
        reader.fail(
          "'\(block.type)' does not ask about \(source.rawValue)", at: reader.place(of: "\(path).source"),
          mend: "Write \(type.sources.map(\.rawValue).joined(separator: " or ")), or leave it out.")
      }
      let lowpass = before.compactMap(\.pool.anchorLowpass).first
      if let own = block.pool.anchorLowpass, let lowpass, own != lowpass {
        reader.fail(
          "the anchors of this block are low-passed at \(own.cellText) Hz, but those of another block at \(lowpass.cellText) Hz",
          at: reader.place(of: "\(path).pool.anchor_lowpass_hz"), mend: "Use one frequency, or none.")
      }
      if block.trials.seed != definition.trials.seed {
        reader.fail(
          "the seed is the study's", at: reader.place(of: "\(path).trials.seed"), mend: "Write it at 'trials.seed'.")
      }
      scales(block, types.first { $0.name == block.type }, "\(path).scales", &reader)
      unused(block, types.first { $0.name == block.type }, path, &reader)
      anchors(block, "\(path).anchors_lowpass_hz", &reader)
      for (language, text) in block.question {
        placeholders(in: text, known: ["condition"], of: "\(path).question", language, &reader)
      }
    }
  }

  /// Rules for listener groups.
  private static func groups(_ definition: StudyDefinition, _ reader: inout YAMLReader) {
    let groups = definition.groups
    for (i, group) in groups.enumerated() {
      let place = reader.place(of: "groups[\(i)]")
      if group.wholeMatch(of: /[a-z0-9][a-z0-9_]{0,39}/) == nil {
        reader.fail(
          "'\(group)' cannot name a group", at: place,
          mend: "Use up to 40 small letters, digits and underscores, no underscore first.")
      } else if !definition.blocks.contains(where: { $0.isGiven(to: group) }) {
        reader.fail("the group '\(group)' has no block", at: place, mend: "Name it in the 'groups' of a block.")
      }
    }
    for (i, block) in definition.blocks.enumerated() {
      for (j, group) in block.groups.enumerated() where !groups.contains(group) {
        reader.fail(
          "there is no group '\(group)'", at: reader.place(of: "blocks[\(i)].groups[\(j)]"),
          mend: Suggestion.didYouMean(group, among: groups) ?? "Name it in 'groups' at the top.")
      }
    }
    if !groups.isEmpty, definition.joining.keep.contains("group") {
      reader.fail(
        "the parameter 'group' of a link already chooses the group", at: reader.place(of: "joining.keep"),
        mend: "Leave it out: it is a column of participants.csv anyway.")
    }
    if groups.isEmpty, definition.joining.perGroup != nil {
      reader.fail(
        "there are no groups", at: reader.place(of: "joining.per_group"),
        mend: "Name them in 'groups', or leave it out.")
    }
  }

  /// Rules for verbal scales.
  private static func scales(
    _ block: StudyDefinition.Block, _ type: (any TrialDesign)?, _ path: String, _ reader: inout YAMLReader
  ) {
    if !block.scales.isEmpty, let type, !type.takesScales {
      reader.fail(
        "'\(type.name)' has no verbal scales", at: reader.place(of: path),
        mend: "Leave them out, or use 'acr' or 'dcr'.")
    }
    for (i, scale) in block.scales.enumerated() {
      if !scale.name.isEmpty, scale.name.wholeMatch(of: /[a-z][a-z0-9_]*/) == nil {
        reader.fail(
          "'\(scale.name)' cannot name a scale", at: reader.place(of: "\(path)[\(i)].name"),
          mend: "Use small letters, digits and underscores, a letter first.")
      } else if block.scales[..<i].contains(where: { $0.name == scale.name }) {
        reader.fail(
          "two scales have the name '\(scale.name)'", at: reader.place(of: "\(path)[\(i)].name"),
          mend: "Rename one of them.")
      }
      if !scale.labels.isEmpty, !(2...11).contains(scale.labels.count) {
        reader.fail(
          "the scale has \(scale.labels.count, "word")",
          at: reader.place(of: "\(path)[\(i)].labels"), mend: "Give 2 to 11.")
      }
    }
  }

  /// The keys of a block that only some types use.
  static let keysOfTypes = ["scale", "anchors_lowpass_hz", "allow_neither", "training_feedback"]
  private static let keysOfRankings = [
    "top_k", "random_fillers", "hidden_reference", "anchor_lowpass_hz", "max_per_trial",
  ]

  /// Keys that a block gives, but that have no effect in it.
  private static func unused(
    _ block: StudyDefinition.Block, _ type: (any TrialDesign)?, _ path: String, _ reader: inout YAMLReader
  ) {
    guard let type else { return }
    let source = type.source(of: block)
    var unused = keysOfTypes.filter { !type.ownKeys.contains($0) }.map { ($0, "'\(type.name)'") }
    let about = "a block of \(source.rawValue)"
    if source != .rankings { unused += keysOfRankings.map { ("pool.\($0)", about) } }
    if source != .renderings { unused += [("rate_while_playing", about), ("switching", about)] }
    for (key, what) in unused where reader.isGiven("\(path).\(key)") {
      reader.fail(
        "\(what) does not use '\(key)'", at: reader.place(of: "\(path).\(key)"),
        mend: "Leave it out: it has no effect here.",
        severity: .warning)
    }
  }

  /// Each anchor is another version: of several that are the same, no repeat could move all to other positions.
  private static func anchors(_ block: StudyDefinition.Block, _ path: String, _ reader: inout YAMLReader) {
    for (i, frequency) in block.anchors.enumerated() where block.anchors[..<i].contains(frequency) {
      reader.fail(
        "\(frequency.cellText) Hz is named twice", at: reader.place(of: "\(path)[\(i)]"),
        mend: "Leave one of them out.")
    }
  }

  private static func scale(_ scale: StudyDefinition.Scale, _ path: String, _ reader: inout YAMLReader) {
    let span = scale.maximum - scale.minimum
    let place = reader.place(of: "\(path)scale.max")
    if span < 1 {
      reader.fail(
        "the scale goes from \(scale.minimum) to \(scale.maximum)", at: place, mend: "'max' must be above 'min'.")
    } else if scale.kind == .likert, span > 10 {
      reader.fail(
        "a likert scale of \(span + 1) points does not fit on a phone", at: place,
        mend: "Use at most 11 points, or 'kind: slider'.")
    } else if scale.kind == .slider, span < 10 {
      reader.fail(
        "a slider of \(span + 1) points is coarse", at: place, mend: "Use 'kind: likert', or 0 to 100.",
        severity: .warning)
    }
  }

  private static func pool(_ pool: StudyDefinition.Pool, _ path: String, _ reader: inout YAMLReader) {
    let fixed = (pool.hiddenReference ? 1 : 0) + (pool.anchorLowpass == nil ? 0 : 1)
    if pool.topK == 0, pool.randomFillers == 0 {
      reader.fail(
        "no candidate of any system is shown", at: reader.place(of: "\(path)pool.top_k"),
        mend: "Set 'top_k' to at least 1.")
    } else if fixed >= pool.maxPerTrial {
      reader.fail(
        "reference and anchor leave no room for the systems' candidates",
        at: reader.place(of: "\(path)pool.max_per_trial"),
        mend: "Raise 'max_per_trial'.")
    }
    for (i, system) in pool.systems.enumerated() where ["reference", "anchor"].contains(system) {
      reader.fail(
        "'\(system)' is not a system", at: reader.place(of: "\(path)pool.systems[\(i)]"),
        mend: "Use 'hidden_reference' and 'anchor_lowpass_hz'.")
    }
  }

  /// Link parameters to keep become columns of participants.csv, and must not clash with others.
  private static func joining(_ definition: StudyDefinition, _ reader: inout YAMLReader) {
    if TimeZone(identifier: definition.joining.timeZone) == nil {
      reader.fail(
        "there is no time zone '\(definition.joining.timeZone)'", at: reader.place(of: "joining.time_zone"),
        mend: Suggestion.didYouMean(definition.joining.timeZone, among: TimeZone.knownTimeZoneIdentifiers)
          ?? "Write UTC, or a name such as Europe/Berlin.")
    }
    if let opens = definition.joining.opens, let closes = definition.joining.closes, opens.date >= closes.date {
      reader.fail(
        "the study closes before it opens", at: reader.place(of: "joining.closes"),
        mend: "'closes' must be after 'opens'.")
    }
    for (i, site) in definition.joining.frames.enumerated()
    where site.wholeMatch(of: /https:\/\/(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?/) == nil {
      reader.fail(
        "'\(site)' is not a site", at: reader.place(of: "joining.frames[\(i)]"),
        mend:
          "Write it as https://app.panel.example, without a path; https://*.panel.example covers everything below it.")
    }
    let (joining, questions) = (definition.joining, definition.questions.map(\.id))
    for (list, names) in [("id", joining.id), ("keep", joining.keep)] {
      for (i, name) in names.enumerated() {
        let place = reader.place(of: "joining.\(list)[\(i)]")
        if name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.-]{0,63}/) == nil {
          reader.fail(
            "'\(name)' cannot name a parameter of a link", at: place,
            mend: "Use letters, digits, underscores, hyphens and dots, a letter first.")
        } else if ["lang", "from", "secret", "invite"].contains(name.lowercased()) {
          reader.fail(
            "'\(name)' means something else in a link", at: place,
            mend: "'from' is kept anyway, as recruited_from; 'lang' chooses the language. Use another name.")
        } else if names[..<i].contains(where: { $0.lowercased() == name.lowercased() }) {
          reader.fail("'\(name)' is named twice", at: place, mend: "Leave one of them out.")
        } else if list == "keep", (participantColumns + linkColumns + questions).contains(name.lowercased()) {
          reader.fail(
            "'\(name)' is a column that participants.csv already has", at: place,
            mend: "Use another name in the link, or leave it out if it is kept anyway.")
        }
      }
    }
  }

  private static func redirect(_ redirect: String?, _ path: String, keeps: [String], _ reader: inout YAMLReader) {
    guard let redirect else { return }
    placeholders(
      in: redirect, known: StudyDefinition.Finish.placeholders + [StudyDefinition.Finish.signature] + keeps, of: path,
      nil, &reader)
    let plain = redirect.replacing(/\{[^}]*\}/, with: "x")
    guard let url = URLComponents(string: plain), url.scheme == "https", !(url.host ?? "").isEmpty else {
      reader.fail(
        "'\(path)' is '\(redirect)'", at: reader.place(of: path),
        mend: "Write a whole address that starts with https://.")
      return
    }
  }

  private static func placeholders(
    in text: String, known: [String], of path: String, _ language: String?, _ reader: inout YAMLReader
  ) {
    for match in text.matches(of: /\{([^}]*)\}/) where !known.contains(String(match.1)) {
      reader.fail(
        "'\(path)'\(language.map { " (\($0))" } ?? "") contains '{\(match.1)}', which is not a placeholder",
        at: reader.place(of: path),
        mend: Suggestion.didYouMean(String(match.1), among: known)
          ?? "The placeholders are \(known.map { "{\($0)}" }.joined(separator: ", ")).")
    }
  }
}
