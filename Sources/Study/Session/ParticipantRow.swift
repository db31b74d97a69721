import Basics

/// A row of participants.csv: one session, as far as it is the same in every study. Answers to the study's own
/// questions come between `columns` and `laterColumns`, link parameters to keep between those and `lastColumns`.
public struct ParticipantRow: Sendable {
  /// The listener's number, from 1. A person who comes again gets another one.
  public var participant: Int
  /// The number of the session in the records. No two sessions share it.
  public var session: Int
  /// What the link says (`from`), or else the panel that its parameters belong to, such as `prolific`. Nil if neither.
  public var recruitedFrom: String?
  /// The listener's name in another system, from the link. Nil if the link has none.
  public var externalID: String?
  /// ISO 8601, in UTC, with milliseconds.
  public var startedAt: String
  /// When the last step was saved, in the same form. Nil unless all steps were completed.
  public var finishedAt: String?
  /// BCP 47 code of the language in which the study was shown.
  public var language: String
  /// In small letters, such as `firefox`; `other` for an unknown browser. Empty if the browser did not identify itself.
  public var userAgentFamily: String
  /// The result of the last attempt at the headphone check. Nil if there was none.
  public var headphonesPassed: Bool?
  /// Which session of the same person it is, from 1, counted by `externalID`.
  public var sitting: Int
  /// The number that the same person had in the first sitting. Equal to `participant` in that one.
  public var firstParticipant: Int
  /// How often the session was opened again by its `externalID`, for example in another browser.
  public var furtherBrowsers: Int
  /// What was wrong with the link, separated by semicolons. Nil if nothing was.
  public var linkNotes: String?
  /// The parameters of the link, by column.
  public var link: [String: String]
  /// `StudyDesign.textsVersion` when the session began. Nil if it was not recorded.
  public var textsVersion: String?
  /// How often the headphone check was taken. Nil if never.
  public var headphoneAttempts: Int?
  /// What the browser said about the playback device with the volume step.
  public var device = PlayingDevice()
  /// The raw value of an `Outcome`. Nil while the session may continue.
  public var outcome: String?
  /// The names of the flags of a finished session, separated by semicolons. Nil if it has none.
  public var flags: String?
  /// How many events were not stored because the session had too many.
  public var eventsDropped: Int
  /// Why the study team excludes the session from analyses. Nil if it does not.
  public var exclusionReason: String?
  /// The number of the plan, from 1: the participant's own, unless the plan of a dropout was reused.
  public var plan: Int

  /// A row without a device: set `device` afterwards.
  public init(
    participant: Int, session: Int, recruitedFrom: String?, externalID: String?, startedAt: String,
    finishedAt: String?, language: String, userAgentFamily: String, headphonesPassed: Bool?, sitting: Int,
    firstParticipant: Int, furtherBrowsers: Int, linkNotes: String?, link: [String: String],
    textsVersion: String?, headphoneAttempts: Int?, outcome: String?, flags: String?,
    eventsDropped: Int, exclusionReason: String?, plan: Int
  ) {
    self.participant = participant
    self.session = session
    self.recruitedFrom = recruitedFrom
    self.externalID = externalID
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.language = language
    self.userAgentFamily = userAgentFamily
    self.headphonesPassed = headphonesPassed
    self.sitting = sitting
    self.firstParticipant = firstParticipant
    self.furtherBrowsers = furtherBrowsers
    self.linkNotes = linkNotes
    self.link = link
    self.textsVersion = textsVersion
    self.headphoneAttempts = headphoneAttempts
    self.outcome = outcome
    self.flags = flags
    self.eventsDropped = eventsDropped
    self.exclusionReason = exclusionReason
    self.plan = plan
  }

  /// A column of participants.csv.
  public typealias Column = TableColumn<ParticipantRow>

  /// The columns before the questions, which every study has.
  public static let columns: [Column] = [
    Column(
      "participant", .integer, "The listener's number, from 1. Version, seed and plan together determine the trials.",
      required: true, minimum: 1
    ) { $0.participant },
    Column("session", .integer, "The session's number.", required: true, unique: true) { $0.session },
    Column("recruited_from", .string, "Where the listener came from, according to the link.") { $0.recruitedFrom },
    Column("external_id", .string, "The listener's name in another system, according to the link.") { $0.externalID },
    Column("started_at", .datetime, "When the session began.", required: true) { $0.startedAt },
    Column("finished_at", .datetime, "When the last step was saved.") { $0.finishedAt },
    Column("state", .string, "Whether all steps were completed.", required: true, values: ["finished", "unfinished"]) {
      $0.finishedAt == nil ? "unfinished" : "finished"
    },
    Column(
      "language", .string, "BCP 47 code of the language in which the study was shown.", required: true
    ) { $0.language },
    Column("user_agent_family", .string, "The browser's family, such as firefox; simulation for simulated listeners.") {
      $0.userAgentFamily
    },
    Column(
      "headphone_check", .string, "The outcome of the headphone check, if the listener took it.",
      values: ["passed", "failed"]
    ) { $0.headphonesPassed.map { $0 ? "passed" : "failed" } },
  ]

  /// Columns after the questions. A question of the same name replaces them.
  public static let laterColumns: [Column] = [
    Column(sittingField) { $0.sitting },
    Column("first_participant", .integer, "The number of this person's first sitting.", required: true, minimum: 1) {
      $0.firstParticipant
    },
    Column(
      "further_browsers", .integer,
      "How often the session was opened again by its external_id, for example from another browser.", required: true,
      minimum: 0
    ) { $0.furtherBrowsers },
    Column("link_notes", .string, "What was wrong with the link that the listener used.") { $0.linkNotes },
    Column(
      "panel_study", .string, "The panel's name for the study, according to the link (STUDY_ID, hitId, projectId)."
    ) { $0.link["panel_study"] },
    Column(
      "panel_session", .string, "The panel's name for the session, according to the link (SESSION_ID, assignmentId)."
    ) { $0.link["panel_session"] },
  ]

  /// The column of the listener's group, after those, if the study has groups.
  public static let groupColumn = "group"

  /// Columns after all others.
  public static let lastColumns: [Column] = [
    Column(
      "texts_version", .string,
      "SHA-256 of the study's texts and sounds when the session began; the same as study_version if nothing has been reworded since."
    ) { $0.textsVersion },
    Column(
      "outcome", .string, "How the session ended; empty if it is in progress or was abandoned.",
      values: Outcome.allCases.map(\.rawValue)
    ) { $0.outcome },
    Column("headphone_attempts", .integer, "How often the listener took the headphone check.", minimum: 1) {
      $0.headphoneAttempts
    },
    Column(
      "device_rate_hz", .integer,
      "The sample rate in hertz of the device that played the sounds, as reported by the browser.", minimum: 1000
    ) { $0.device.rateHz.map(Int.init) },
    Column("device_channels", .integer, "How many channels the device can play at once.", minimum: 1) {
      $0.device.channels.map(Int.init)
    },
    Column(
      "device_latency_ms", .integer, "The device's latency in milliseconds, as estimated by the browser.", minimum: 0
    ) { $0.device.latencyMs.map(Int.init) },
    Column(
      "flags", .string,
      "The flags of a finished session, separated by semicolons: by the study's own rules (too_fast, unheard, inattentive, no_headphones), and skipped where an answer was refused and none was accepted for that step."
    ) { $0.flags },
    Column(
      "events_dropped", .integer, "How many events were dropped because they exceeded what is kept per session.",
      required: true, minimum: 0
    ) { $0.eventsDropped },
    Column(
      "excluded", .boolean, "Whether the study team excludes the session; analyses skip its rows.",
      required: true
    ) { $0.exclusionReason != nil },
    Column("exclusion_reason", .string, "Why the session is excluded, in the team's words.") { $0.exclusionReason },
    Column(
      "plan", .integer,
      "Which of the study's plans (or of the group's plans, if there are groups) the listener has: the listener's own number, unless the plan of somebody who dropped out was reused.",
      required: true, minimum: 1
    ) { $0.plan },
  ]

  /// Those of `laterColumns` that come from the link, like the parameters that the study keeps.
  public static let panelColumns = ["panel_study", "panel_session"]

  /// The field of the sitting, which appears in every table of sessions.
  public static let sittingField = TableField(
    "sitting", .integer,
    "Which sitting of this person it is, counted by external_id. Above 1, the same listener came again.",
    required: true, minimum: 1)
}
