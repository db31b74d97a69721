import Basics
import Study

/// The table `NAME.csv` to which the answers of a trial type are exported. Header, cells and the description in the
/// data package all follow from its columns.
public struct TrialTable: Sendable {
  /// Of the file without its ending, such as `ratings`. Several types may share it.
  public var name: String
  /// What a row is, in a sentence for datapackage.json.
  public var description: String
  /// In the order of the file.
  public var columns: [TableColumn<TrialRow>]
  /// The columns that together identify a row.
  public var key: [String]
  /// The columns that contain names of stimuli in stimuli.csv.
  public var sounds: [String]
  /// The rows of a trial: one per trial, position or judgement.
  public var rows: @Sendable (AnsweredTrial) -> [TrialRow]

  public init(
    _ name: String, _ description: String, columns: [TableColumn<TrialRow>], key: [String], sounds: [String],
    rows: @escaping @Sendable (AnsweredTrial) -> [TrialRow]
  ) {
    self.name = name
    self.description = description
    self.columns = columns
    self.key = key
    self.sounds = sounds
    self.rows = rows
  }
}

extension TrialTable {
  /// The name under which a comment is stored among a trial's judgements.
  public static let comment = "comment"

  /// Comments on trials of any type.
  public static let comments = TrialTable(
    "comments", "One row per comment that a listener wrote on a page.",
    columns: TrialColumns.placeOfItem + [
      .init("comment", .string, "The comment as the listener wrote it.", required: true) { $0.said?.text }
    ] + TrialColumns.time, key: ["session", "trial"], sounds: []
  ) { trial in trial.judgements.filter { $0.scale == comment }.map { TrialRow(trial, said: $0) } }

  /// The same table with the block's name as the last column, for studies with several blocks of one type.
  public var naming: TrialTable {
    var table = self
    table.columns.append(
      TableColumn<TrialRow>("block_name", .string, "The name of the block in study.yaml.") { $0.trial.blockName })
    return table
  }

  /// The trial types that are exported to this table. For comments, all types.
  public var types: [String] {
    name == TrialTable.comments.name
      ? TrialTypes.all.map(\.name) : TrialTypes.all.filter { $0.table.name == name }.map(\.name)
  }

  /// The table of scores of versions, shared by several types whatever their scale.
  static let scores = ofPositions(
    "scores",
    "One row per score of a version of an item: mushra from 0 to 100, bs1116 from 1.0 to 5.0, acr and dcr from 1 to 5; higher is better.",
    [.init("score", .number, "Higher is better.", required: true, minimum: 0) { $0.said?.number }],
    last: [.init("scale", .string, "The name of the scale.", required: true) { $0.said?.scale }], key: ["scale"]
  ) { trial in trial.judgements.filter { $0.position > 0 }.map { TrialRow(trial, position: $0.position, said: $0) } }

  /// A table with one row per position.
  /// - Parameters:
  ///   - said: the columns for the judgement of a position.
  ///   - last: further columns at the end.
  ///   - key: the columns that identify a row in addition to session, trial and position.
  static func ofPositions(
    _ name: String, _ description: String, _ said: [TableColumn<TrialRow>], last: [TableColumn<TrialRow>] = [],
    key: [String] = [], rows: @escaping @Sendable (AnsweredTrial) -> [TrialRow] = { TrialRow.positions($0) }
  ) -> TrialTable {
    TrialTable(
      name, description, columns: place + said + marks + last, key: ["session", "trial", "position"] + key,
      sounds: ["stimulus"], rows: rows)
  }

  private static let place =
    TrialColumns.placeOfItem + [
      .init("stimulus", .string, "The version or sound.", required: true) { $0.slot.stimulus },
      .init(
        "system", .string, "The system that made it, or 'reference' or the anchor's name. Empty for a single sound."
      ) {
        $0.slot.system
      },
      .init("position", .integer, "Its place on the page; 1 is A.", required: true, minimum: 1) { $0.position },
    ]

  private static let marks =
    [
      .init("is_reference", .boolean, "Whether it is the hidden reference.", required: true) { $0.slot.isReference },
      .init("is_anchor", .boolean, "Whether it is an anchor.", required: true) { $0.slot.isAnchor },
    ] + TrialColumns.purpose + [
      .init("plays", .integer, "How often it was played.", required: true, minimum: 0) { $0.slot.heard.plays },
      .init("listened_ms", .integer, "How long it was heard, in milliseconds.", required: true, minimum: 0) {
        $0.slot.heard.listenedMs
      },
    ] + TrialColumns.time
}

/// An answered trial as it is stored.
public struct AnsweredTrial: Sendable {
  /// A sound at its position on the page.
  public struct Slot: Sendable {
    /// The name of what was heard, as in stimuli.csv.
    public var stimulus: String
    /// Whether it was the true sample or the item's reference.
    public var isReference: Bool
    /// Whether it was a low-passed copy, or what a system called `anchor` made.
    public var isAnchor: Bool
    /// For a rendering: the system that made it.
    public var system: String?
    /// How it was heard by the listener who answered.
    public var heard: Heard

    public init(
      stimulus: String, isReference: Bool, isAnchor: Bool, system: String? = nil, heard: Heard
    ) {
      self.system = system
      self.stimulus = stimulus
      self.isReference = isReference
      self.isAnchor = isAnchor
      self.heard = heard
    }
  }

  /// The name of the study's folder.
  public var study: String
  /// `StudyDesign.version`: SHA-256 in hexadecimal.
  public var studyVersion: String
  /// The listener's number, from 1.
  public var participant: Int
  /// The number of the session in the records.
  public var session: Int
  /// Which session of the same person it is, from 1.
  public var sitting: Int
  /// The trial's place in its session, from 1.
  public var index: Int
  /// The name of its trial type.
  public var type: String
  /// 0 for training. Main blocks count from 1; with `order: blocked`, each condition counts as one.
  public var block: Int
  /// The name of the query, item, sound or set that it asked about.
  public var query: String
  /// What the query was asked for. Empty if there was none.
  public var condition: String
  /// Whether it was an attention check.
  public var isCatch: Bool
  /// Whether the page was shown for the second time.
  public var isRepeat: Bool
  /// Whether it was practice, which is not analysed.
  public var isTraining: Bool
  /// For attention checks: whether it was passed. Nil if the answer does not show it.
  public var isPassed: Bool?
  /// Milliseconds from the page's appearance to its answer. Nil if the browser did not say.
  public var responseMs: Int?
  /// When the answer was saved: ISO 8601, in UTC, with milliseconds.
  public var savedAt: String
  /// The name of the study's block. Nil if the trial was answered before names were stored.
  public var blockName: String?
  /// The probability that a participant is asked this page. Nil if it is the same for all pages.
  public var chance: Double?
  /// The low and the high end of the study's scale.
  public var scaleMinimum: Int
  /// The highest rating of that scale, whether or not the type uses it.
  public var scaleMaximum: Int
  /// In the order of positions.
  public var slots: [Slot]
  /// In the order of positions, then of scales' names. Those of the whole page come first, with position 0.
  public var judgements: [Judgement]

  public init(
    study: String, studyVersion: String, participant: Int, session: Int, sitting: Int, index: Int, type: String,
    block: Int, query: String, condition: String, isCatch: Bool, isRepeat: Bool, isTraining: Bool,
    isPassed: Bool? = nil,
    responseMs: Int?, savedAt: String, blockName: String? = nil, chance: Double? = nil, scaleMinimum: Int,
    scaleMaximum: Int,
    slots: [Slot], judgements: [Judgement]
  ) {
    self.study = study
    self.studyVersion = studyVersion
    self.participant = participant
    self.session = session
    self.sitting = sitting
    self.index = index
    self.type = type
    self.block = block
    self.query = query
    self.condition = condition
    self.isCatch = isCatch
    self.isRepeat = isRepeat
    self.isTraining = isTraining
    self.isPassed = isPassed
    self.responseMs = responseMs
    self.savedAt = savedAt
    self.blockName = blockName
    self.chance = chance
    self.scaleMinimum = scaleMinimum
    self.scaleMaximum = scaleMaximum
    self.slots = slots
    self.judgements = judgements
  }
}

extension AnsweredTrial {
  /// Whether an attention check was passed; nil on several category scales, which earlier versions judged nevertheless.
  var verdict: Bool? {
    let isOnSeveral = TrialTypes.named(type) is Category && Set(judgements.map(\.scale)).count > 1
    return isOnSeveral ? nil : isPassed
  }
}

/// A row of a type's table: a trial, one of its positions, or one judgement.
public struct TrialRow: Sendable {
  /// The answer that the row is about, or a part of it.
  public var trial: AnsweredTrial
  /// From 1. 0 for the whole trial.
  public var position: Int
  /// The judgement, in tables with one row per judgement.
  public var said: Judgement?

  /// The row of a whole trial, unless a position is given.
  public init(_ trial: AnsweredTrial, position: Int = 0, said: Judgement? = nil) {
    self.trial = trial
    self.position = position
    self.said = said
  }

  /// One row per position.
  static func positions(_ trial: AnsweredTrial) -> [TrialRow] {
    trial.slots.indices.map { TrialRow(trial, position: $0 + 1) }
  }

  /// One row for a page with `count` sounds, none for any other.
  static func whole(_ trial: AnsweredTrial, of count: Int) -> [TrialRow] {
    trial.slots.count == count ? [TrialRow(trial)] : []
  }

  /// The sound at the row's position. The row must have one: position 0 has no slot.
  public var slot: AnsweredTrial.Slot { trial.slots[position - 1] }

  /// The judgement of this position on a scale.
  public func judgement(_ scale: String) -> Judgement? {
    trial.judgements.first { $0.position == position && $0.scale == scale }
  }
}

/// Columns shared by several types.
public enum TrialColumns {
  /// A column of a trial type's table.
  public typealias Column = TableColumn<TrialRow>

  /// Who answered which trial, and what it was about.
  public static let place: [Column] = place(query: "The stimulus that the others were compared with.")

  /// The same columns for types that show versions of an item.
  public static let placeOfItem: [Column] = place(query: "The item whose versions were heard.")

  private static func place(query: String) -> [Column] {
    [
      Column("study", .string, "The name of the study's folder.", required: true) { $0.trial.study },
      Column("study_version", .string, "SHA-256 of everything that defines the study.", required: true) {
        $0.trial.studyVersion
      },
      Column("participant", .integer, "The listener's number.", required: true, minimum: 1) { $0.trial.participant },
      Column("session", .integer, "The session's number.", required: true) { $0.trial.session },
      Column("trial", .integer, "The trial's number in its session.", required: true, minimum: 1) { $0.trial.index },
      Column(
        "trial_index", .integer, "Its place in the order of presentation, from 1.", required: true, minimum: 1
      ) { $0.trial.index },
      Column("trial_type", .string, "The trial type.", required: true) { $0.trial.type },
      Column(
        "block", .integer,
        "0 is training; the main blocks count from 1, and with order: blocked each condition counts as one.",
        required: true, minimum: 0
      ) {
        $0.trial.block
      },
      Column("query", .string, query, required: true) {
        $0.trial.query
      },
      Column("condition", .string, "The condition that was asked for.") { $0.trial.condition },
    ]
  }

  /// What the positions of a page with at most three are called in column names.
  static let names = ["first", "second", "third"]

  /// The versions or sounds of a page that has `count` of them.
  public static func stimuli(_ count: Int) -> [Column] {
    names.prefix(count).enumerated().map { i, name in
      Column(name, .string, "The stimulus at \(Position.letter(i + 1)).", required: true) {
        $0.trial.slots[i].stimulus
      }
    }
      + names.prefix(count).enumerated().map { i, name in
        Column(
          "\(name)_system", .string,
          "The system that made the one at \(Position.letter(i + 1)), or 'reference' or the anchor's name. Empty for a single sound."
        ) { $0.trial.slots[i].system }
      }
  }

  /// How often each of the `count` sounds was played.
  public static func plays(_ count: Int) -> [Column] {
    names.prefix(count).enumerated().map { i, name in
      Column(
        "\(name)_plays", .integer, "How often \(Position.letter(i + 1)) was played.", required: true, minimum: 0
      ) { $0.trial.slots[i].heard.plays }
    }
  }

  /// The purpose of the trial.
  public static let purpose: [Column] = [
    Column("is_catch", .boolean, "Whether the trial is an attention check.", required: true) { $0.trial.isCatch },
    Column(
      "is_passed", .boolean,
      "For an attention check: whether it was passed, by the rule of its trial type. Otherwise empty, and on several scales."
    ) { $0.trial.verdict },
    Column("is_repeat", .boolean, "Whether the trial is shown for a second time.", required: true) {
      $0.trial.isRepeat
    },
    Column("is_training", .boolean, "Whether the trial is practice, which is not analysed.", required: true) {
      $0.trial.isTraining
    },
  ]

  /// How likely a page is to be asked, for weighting.
  public static let chance: [Column] = [
    Column(
      "probability", .number,
      "The probability that a participant is asked this page, if `trials.focus` makes some pages more likely. Empty if all pages of the block are equally likely.",
      minimum: 0
    ) { $0.trial.chance }
  ]

  /// When the trial was answered.
  public static let time: [Column] = [
    Column(
      "response_ms", .integer, "Milliseconds from the page's appearance to its answer.", minimum: 0
    ) { $0.trial.responseMs },
    Column("submitted_at", .datetime, "When the answer was saved.", required: true) { $0.trial.savedAt },
    Column(ParticipantRow.sittingField) { $0.trial.sitting },
  ]
}
