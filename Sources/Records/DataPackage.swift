import Basics
import Foundation
import Study

/// `datapackage.json`: what every table and column of an export means, for people and for Frictionless.
struct DataPackage {
  typealias Field = TableField

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
  /// All versions are of the present design. Sounds of another one need not be there any more.
  let isOneDesign: Bool
  /// Texts of listeners, or all, went through `FormulaGuard`.
  let isGuarded: Bool

  func write(to folder: URL) throws {
    let session = ForeignKey("session", "participants", "session")
    let people = try [
      resource(
        folder, "participants", "One row per session of a participant.", participantFields, primaryKey: ["session"])
    ]
    let answers = try study.tables.map { table in
      let sounds = isOneDesign ? table.sounds.map { ForeignKey($0, "stimuli", "stimulus") } : []
      return try resource(
        folder, table.name, table.description, table.columns.map(\.field), primaryKey: table.key,
        foreignKeys: [session] + sounds)
    }
    let others =
      try [
        resource(folder, "events", "What happened in the sessions.", Self.events, foreignKeys: [session]),
        resource(folder, "stimuli", "Every sound as it was presented.", Self.stimuli, primaryKey: ["stimulus"]),
      ]
      + (study.rankings == nil
        ? [] : [resource(folder, "rankings", "The order in which each system ranked the candidates.", Self.rankings)])
      + [
        resource(
          folder, "refused", "What a browser sent and the server refused, exactly as it was sent.", Self.refused,
          foreignKeys: [session])
      ]
    let slug = study.name.lowercased().map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) ? $0 : "-"
    }
    let package = Package(
      name: String(slug), title: study.title,
      description:
        "A listening test made with Earshot. UTF-8, RFC 4180; times are in UTC, and an empty cell is a missing value."
        + (isGuarded ? " A text that a spreadsheet would take for a formula is preceded by an apostrophe." : ""),
      studyVersions: versions, plans: plans,
      pools: [Pool(study.pool, version: study.version)], resources: people + answers + others)
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
  /// later: such a column gets `link_` before it where a question, or what is kept of links, has its name.
  static func participantColumns(_ questions: [String], _ kept: [String]) -> [String] {
    let fixed = ParticipantRow.columns.map(\.field.name)
    var columns = fixed + questions.map { fixed.contains($0) ? "answer_\($0)" : $0 }
    let later = ParticipantRow.laterColumns.map(\.field.name) + kept + ParticipantRow.lastColumns.map(\.field.name)
    for var name in later {
      while columns.contains(name) { name = "link_\(name)" }
      columns.append(name)
    }
    return columns
  }

  private var participantFields: [Field] {
    let columns = Self.participantColumns(questions, kept)
    let (ofQuestions, behind) = (
      columns.dropFirst(ParticipantRow.columns.count).prefix(questions.count),
      columns.dropFirst(ParticipantRow.columns.count + questions.count)
    )
    let asked = zip(questions, ofQuestions).map { id, column in
      guard let question = study.questionnaire.first(where: { $0.id == id }) else {
        return Field(column, .string, "An answer to a question of an earlier version of the study.")
      }
      let text = question.text["en"] ?? question.text.min { $0.key < $1.key }?.value ?? ""
      // What another design asked by the same id may have been answered otherwise.
      switch question.kind {
      case .number where isOneDesign: return Field(column, .number, text)
      case .scale where isOneDesign: return Field(column, .integer, text)
      case .date where isOneDesign: return Field(column, .date, text)
      case .choices: return Field(column, .string, text + " (choices, separated by semicolons)")
      case .text, .longText, .number, .choice, .scale, .date: return Field(column, .string, text)
      }
    }
    let links = kept.map {
      Field(
        $0, .string,
        study.hasGroups && $0 == ParticipantRow.groupColumn
          ? "The listener's group, which determines the blocks." : "The value that the link had under this name.")
    }
    let later = ParticipantRow.laterColumns.map(\.field) + links + ParticipantRow.lastColumns.map(\.field)
    let rest = zip(later, behind).map { field, column in
      var field = field
      field.name = column
      return field
    }
    return ParticipantRow.columns.map(\.field) + asked + rest
  }

  static let events = [
    Field("session", .integer, "The session's number.", required: true),
    Field("trial", .integer, "The trial in which it happened; empty outside of trials.", minimum: 1),
    Field("at_ms", .integer, "Milliseconds since the session began.", required: true, minimum: 0),
    Field("kind", .string, "What happened.", required: true),
    Field("stimulus", .string, "The sound concerned."),
    Field("value", .string, "A detail; its meaning depends on the kind."),
    ParticipantRow.sittingField,
  ]

  static let refused = [
    Field("session", .integer, "The session's number.", required: true),
    Field("saved_at", .datetime, "When the browser reported it.", required: true),
    Field("step", .string, "The step that it answers, or 'events' for a batch of events.", required: true),
    Field("trial", .integer, "The trial that it answers.", minimum: 1),
    Field("status", .integer, "The HTTP status of the refusal; 0 if there was none.", required: true),
    Field("code", .string, "A code for the reason of the refusal.", required: true),
    Field("body", .string, "What was sent, as JSON; positions are letters, as on the page.", required: true),
    ParticipantRow.sittingField,
  ]

  static let stimuli = [
    Field("stimulus", .string, "The name of the query or candidate.", required: true, unique: true),
    Field("role", .string, "Whether it is a query or a candidate.", required: true, values: ["query", "candidate"]),
    Field("condition", .string, "The condition of a candidate; empty for queries, which serve all conditions."),
    Field("file", .string, "The prepared file, relative to the data folder.", required: true),
    Field("sha256", .string, "SHA-256 of the prepared file.", required: true),
    Field("duration_s", .number, "Duration in seconds.", required: true, minimum: 0),
    Field("sample_rate_hz", .integer, "Sample rate in hertz.", required: true, minimum: 1),
    Field("channels", .integer, "Number of channels; 1 is mono.", required: true, minimum: 1),
    Field("loudness_lufs", .number, "Loudness as presented, in LUFS."),
    Field("peak_dbtp", .number, "True peak as presented, in dBTP."),
    Field("gain_db", .number, "Gain relative to the source, in dB."),
    Field("licence", .string, "The licence of the source."),
    Field("source", .string, "Where the sound came from."),
  ]

  static let rankings = [
    Field("query", .string, "The query.", required: true),
    Field("condition", .string, "The condition asked for."),
    Field("system", .string, "The system that made the ranking.", required: true),
    Field("rank", .integer, "The rank, from 1; equal ranks are a tie.", required: true, minimum: 1),
    Field("candidate", .string, "The candidate.", required: true),
    Field("distance", .number, "The distance in the system's own unit; smaller is closer."),
  ]
}
