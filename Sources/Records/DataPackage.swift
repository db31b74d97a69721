import Basics
import Foundation
import Study

/// `datapackage.json`: what every table and column of an export means, for people and for Frictionless.
struct DataPackage {
  struct Field: Encodable {
    struct Constraints: Encodable {
      var required: Bool?
      var unique: Bool?
      var minimum: Double?
      var `enum`: [String]?
    }

    var name, type, description: String
    var constraints: Constraints?

    init(
      _ name: String, _ type: String, _ description: String, required: Bool = false, unique: Bool = false,
      minimum: Double? = nil, values: [String]? = nil
    ) {
      self.name = name
      self.type = type
      self.description = description
      if required || unique || minimum != nil || values != nil {
        constraints = Constraints(
          required: required ? true : nil, unique: unique ? true : nil, minimum: minimum, enum: values)
      }
    }
  }

  struct ForeignKey: Encodable {
    struct Reference: Encodable {
      var resource: String
      var fields: [String]
    }
    var fields: [String]
    var reference: Reference

    init(_ field: String, _ resource: String, _ other: String) {
      fields = [field]
      reference = Reference(resource: resource, fields: [other])
    }
  }

  struct Resource: Encodable {
    struct Schema: Encodable {
      var fields: [Field]
      var primaryKey: [String]?
      var foreignKeys: [ForeignKey]?
      var missingValues = [""]
    }
    var name, path, description: String
    var profile = "tabular-data-resource"
    var format = "csv"
    var mediatype = "text/csv"
    var encoding = "utf-8"
    var bytes: Int
    var hash: String
    var schema: Schema
  }

  /// An analysis plan that the study had while it was served.
  struct Plan: Encodable {
    var sha256, firstSeenAt: String

    enum CodingKeys: String, CodingKey {
      case sha256
      case firstSeenAt = "first_seen_at"
    }
  }

  /// Which candidates stood on the pages of a version of the study.
  struct Pool: Encodable {
    var studyVersion: String
    var systems: [String]
    var topK, randomFillers, maxPerTrial: Int

    init(_ pool: StudyDefinition.Pool, version: String) {
      (studyVersion, systems, topK) = (version, pool.systems, pool.topK)
      (randomFillers, maxPerTrial) = (pool.randomFillers, pool.maxPerTrial)
    }

    enum CodingKeys: String, CodingKey {
      case systems
      case studyVersion = "study_version"
      case topK = "top_k"
      case randomFillers = "random_fillers"
      case maxPerTrial = "max_per_trial"
    }
  }

  struct Package: Encodable {
    var profile = "data-package"
    var name, title, description: String
    var studyVersions: [String]
    var plans: [Plan]
    var pools: [Pool]
    var resources: [Resource]

    enum CodingKeys: String, CodingKey {
      case profile, name, title, description, studyVersions, resources
      case plans = "analysis_plans"
      case pools = "candidate_pools"
    }
  }

  let study: Export.Study
  let versions: [String]
  let plans: [Plan]
  let questions: [String]
  /// Parameters of links that are columns.
  let kept: [String]
  let knowsAllSounds: Bool
  /// Texts of listeners, or all, went through `FormulaGuard`.
  let isGuarded: Bool

  func write(to folder: URL) throws {
    let sounds = [ForeignKey("query", "stimuli", "stimulus"), ForeignKey("candidate", "stimuli", "stimulus")]
    let session = ForeignKey("session", "participants", "session")
    let resources = try [
      resource(
        folder, "participants", "One row a session of a participant.", participantFields, primaryKey: ["session"]),
      resource(
        folder, "ratings", "One row a rating. Which systems proposed a candidate is joined from rankings.csv.",
        Self.ratings, primaryKey: ["session", "trial", "position"],
        foreignKeys: [session] + (knowsAllSounds ? sounds : [])),
      resource(folder, "events", "What happened in the sessions.", Self.events, foreignKeys: [session]),
      resource(folder, "stimuli", "Every sound as it was presented.", Self.stimuli, primaryKey: ["stimulus"]),
      resource(folder, "rankings", "What each system answered.", Self.rankings),
      resource(
        folder, "refused", "What a browser sent and was refused, as it was sent.", Self.refused,
        foreignKeys: [session]),
    ]
    let slug = study.name.lowercased().map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) ? $0 : "-"
    }
    let package = Package(
      name: String(slug), title: study.title,
      description: "A listening test made with Earshot: UTF-8, RFC 4180, times in UTC, empty cells are missing."
        + (isGuarded ? " A text that a spreadsheet would take for a formula has an apostrophe before it." : ""),
      studyVersions: versions, plans: plans,
      pools: [Pool(study.pool, version: study.version)], resources: resources)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try OutputFile.write(encoder.encode(package) + Data("\n".utf8), to: folder.appending(path: "datapackage.json"))
  }

  private func resource(
    _ folder: URL, _ name: String, _ description: String, _ fields: [Field], primaryKey: [String]? = nil,
    foreignKeys: [ForeignKey]? = nil
  ) throws -> Resource {
    let file = folder.appending(path: "\(name).csv")
    let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
    return Resource(
      name: name, path: "\(name).csv", description: description, bytes: size ?? 0,
      hash: "sha256:\(try ContentHash.ofFile(file))",
      schema: .init(fields: fields, primaryKey: primaryKey, foreignKeys: foreignKeys))
  }

  // MARK: Columns

  /// A question whose id is one of the fixed columns gets `answer_` before it. What comes behind the questions was added
  /// later: such a column gets `link_` before it where a question has its name.
  static func participantColumns(_ questions: [String], _ kept: [String]) -> [String] {
    let fixed = participants.map(\.name)
    var columns = fixed + questions.map { fixed.contains($0) ? "answer_\($0)" : $0 }
    for var name in later.map(\.name) + kept {
      while columns.contains(name) { name = "link_\(name)" }
      columns.append(name)
    }
    return columns
  }

  private var participantFields: [Field] {
    let columns = Self.participantColumns(questions, kept)
    let (ofQuestions, behind) = (
      columns.dropFirst(Self.participants.count).prefix(questions.count),
      columns.dropFirst(Self.participants.count + questions.count)
    )
    let asked = zip(questions, ofQuestions).map { id, column in
      guard let question = study.questionnaire.first(where: { $0.id == id }) else {
        return Field(column, "string", "A question of an earlier version of the study.")
      }
      let text = question.text["en"] ?? question.text.min { $0.key < $1.key }?.value ?? ""
      switch question.kind {
      case .number where versions.allSatisfy { $0 == study.version }: return Field(column, "number", text)
      case .choices: return Field(column, "string", text + " (choices, separated by semicolons)")
      default: return Field(column, "string", text)
      }
    }
    let links = kept.map { Field($0, "string", "What the link said under this name.") }
    let rest = zip(Self.later + links, behind).map { field, column in
      var field = field
      field.name = column
      return field
    }
    return Self.participants + asked + rest
  }

  static let participants = [
    Field(
      "participant", "integer", "The listener's number, from 1; with version and seed it gives the plan.",
      required: true, minimum: 1),
    Field("session", "integer", "The sitting.", required: true, unique: true),
    Field("recruited_from", "string", "Where the listener came from, as the link said."),
    Field("external_id", "string", "The listener's name in another system, as the link said."),
    Field("started_at", "datetime", "When the session began.", required: true),
    Field("finished_at", "datetime", "When the last step was saved."),
    Field("state", "string", "Whether all steps were done.", required: true, values: ["finished", "unfinished"]),
    Field("language", "string", "BCP 47 code of the language in which the study was shown.", required: true),
    Field("user_agent_family", "string", "The browser, coarsely."),
    Field(
      "headphone_check", "string", "The outcome of the headphone check, where it was made.",
      values: ["passed", "failed"]),
  ]

  /// Columns of participants.csv behind the questions.
  private static let later = [
    sitting,
    Field("first_participant", "integer", "The number of this person's first sitting.", required: true, minimum: 1),
    Field(
      "further_browsers", "integer",
      "How often the sitting was opened anew by its external_id, as from another browser.",
      required: true, minimum: 0),
    Field("link_notes", "string", "What was not right about the link by which the listener came."),
    Field("panel_study", "string", "The panel's name for the study, as the link said (STUDY_ID, hitId, projectId)."),
    Field("panel_session", "string", "The panel's name for the sitting, as the link said (SESSION_ID, assignmentId)."),
  ]

  /// Those of them that come from the link as the study's own do.
  static let panelColumns = ["panel_study", "panel_session"]

  private static let sitting = Field(
    "sitting", "integer",
    "Counts the sittings of one person, by external_id: above 1, it is the same listener again.",
    required: true, minimum: 1)

  static let ratings = [
    Field("study", "string", "The name of the study's folder.", required: true),
    Field("study_version", "string", "SHA-256 of all that defines the study.", required: true),
    Field("participant", "integer", "The listener's number.", required: true, minimum: 1),
    Field("session", "integer", "The sitting.", required: true),
    Field("trial", "integer", "The trial's name in its session.", required: true, minimum: 1),
    Field("trial_index", "integer", "Its place in the order of presentation, from 1.", required: true, minimum: 1),
    Field("trial_type", "string", "The kind of screen.", required: true),
    Field("block", "integer", "0 is training; the main blocks count from 1.", required: true, minimum: 0),
    Field("query", "string", "The stimulus that was compared with.", required: true),
    Field("condition", "string", "The class asked for.", required: false),
    Field("candidate", "string", "The stimulus that was rated.", required: true),
    Field("position", "integer", "Its place on the page; 1 is A.", required: true, minimum: 1),
    Field("rating", "number", "Higher is more similar.", required: true),
    Field("scale_min", "number", "The low end of the scale.", required: true),
    Field("scale_max", "number", "The high end of the scale.", required: true),
    Field("is_reference", "boolean", "The candidate is the true sample.", required: true),
    Field("is_anchor", "boolean", "The candidate is the low-passed true sample.", required: true),
    Field("is_catch", "boolean", "The trial checks attention.", required: true),
    Field("is_repeat", "boolean", "The trial is shown a second time.", required: true),
    Field("is_training", "boolean", "The trial is practice and not analysed.", required: true),
    Field("plays", "integer", "How often the candidate was played.", required: true, minimum: 0),
    Field("listened_s", "number", "How long the candidate was heard, in seconds.", required: true, minimum: 0),
    Field("response_ms", "integer", "From the page's appearance to its answer, in milliseconds.", minimum: 0),
    Field("submitted_at", "datetime", "When the answer was saved.", required: true),
    sitting,
  ]

  static let events = [
    Field("session", "integer", "The sitting.", required: true),
    Field("trial", "integer", "The trial, where it happened in one.", minimum: 1),
    Field("at_ms", "integer", "Milliseconds since the session began.", required: true, minimum: 0),
    Field("kind", "string", "What happened.", required: true),
    Field("stimulus", "string", "The sound that it happened to."),
    Field("value", "string", "More of it, as the kind has it."),
    sitting,
  ]

  static let refused = [
    Field("session", "integer", "The sitting.", required: true),
    Field("saved_at", "datetime", "When the browser told of it.", required: true),
    Field("step", "string", "The step that it answers; events where it was a batch of events.", required: true),
    Field("trial", "integer", "The trial that it answers.", minimum: 1),
    Field("status", "integer", "The HTTP status of the refusal; 0 where there was none.", required: true),
    Field("code", "string", "Why it was refused, as a code.", required: true),
    Field("body", "string", "What was sent, as JSON; positions are letters, as on the page.", required: true),
    sitting,
  ]

  static let stimuli = [
    Field("stimulus", "string", "The query's or the candidate's name.", required: true, unique: true),
    Field("role", "string", "What it is.", required: true, values: ["query", "candidate"]),
    Field("condition", "string", "The class; empty for queries, which serve all."),
    Field("file", "string", "The prepared file, relative to the data folder.", required: true),
    Field("sha256", "string", "Of the prepared file.", required: true),
    Field("duration_s", "number", "In seconds.", required: true, minimum: 0),
    Field("sample_rate_hz", "integer", "In hertz.", required: true, minimum: 1),
    Field("channels", "integer", "1 is mono.", required: true, minimum: 1),
    Field("loudness_lufs", "number", "As presented, in LUFS."),
    Field("peak_dbtp", "number", "As presented, in dBTP."),
    Field("gain_db", "number", "Over the source, in dB."),
    Field("licence", "string", "Of the source."),
    Field("source", "string", "Where it came from."),
  ]

  static let rankings = [
    Field("query", "string", "The query.", required: true),
    Field("condition", "string", "The class asked for."),
    Field("system", "string", "Who ranked.", required: true),
    Field("rank", "integer", "From 1; equal ranks are a tie.", required: true, minimum: 1),
    Field("candidate", "string", "The candidate.", required: true),
    Field("distance", "number", "In the system's own unit; smaller is nearer."),
  ]
}
