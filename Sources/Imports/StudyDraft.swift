import Basics
import Foundation
import Study

/// A study described by another program's file, ready to be written as a folder for Earshot.
public struct StudyDraft {
  /// A sound file, and the item it is a version of.
  public struct Version {
    /// Made from the id of its page. A second page of the same id becomes `ID-2`.
    public var item: String
    /// Who made it, as in the column `system`. The reference has the name `reference`.
    public var system: String
    /// Where the sound lies. It is not copied.
    public var file: URL
    /// Whether it is the reference that the other versions of the item are compared with.
    public var isReference: Bool
  }

  /// A run of trials of one type.
  public struct Block {
    /// The name of a trial type. A draft has one block of each, which is named after it.
    public var type: String
    /// The line at the top of each trial.
    public var question: String
    /// Markdown.
    public var instructions = ""
    /// The items of its pages, in the order of the file. Each becomes a query in `trials.queries`.
    public var items: [String] = []
    /// For `mushra`: the cutoff frequencies in hertz of the anchors that Earshot makes. Empty for none.
    public var anchors: [Double] = []
    /// For `acr`: the words of the file's own scales. Empty for all other types.
    public var scales: [StudyDefinition.RatingScale] = []
    /// Whether its pages come in random order, instead of that of the file.
    public var isShuffled = false
    /// Whether each sound must be heard in full.
    public var mustHearWhole = false
    /// Whether each page has a field for comments.
    public var takesComments = false
  }

  /// The name of the study's folder, if the user chooses none: small letters, digits and hyphens.
  public var name = "study"
  /// The study's name, as listeners see it.
  public var title = ""
  /// `en` or `de`: the language of the pages, under which all texts are filed.
  public var language = "en"
  /// Markdown. What a reader leaves empty becomes the title.
  public var welcome = ""
  /// Shown before all blocks.
  public var instructions = ""
  /// Markdown. Where the file has none, a short text of Earshot's own.
  public var consent = ""
  /// Markdown, on the last page. Where the file has none, only thanks.
  public var finish = ""
  /// Whether the study has Earshot's headphone check.
  public var checksHeadphones = false
  /// In the order in which their types first come in the file. A draft that was read has at least one.
  public var blocks: [Block] = []
  /// Whether each listener is given the blocks in random order.
  public var areBlocksShuffled = false
  /// Questions before all blocks, and at the end.
  public var opening: [StudyDefinition.Question] = []
  /// Questions after all blocks: `closing_questionnaire` in study.yaml.
  public var questionnaire: [StudyDefinition.Question] = []
  /// All sounds of all items: the rows of sounds/renderings.csv.
  public var versions: [Version] = []
  /// The questions' names in the other program's file, and their ids here.
  private var askedNames: Set<String> = []
  private var questionIDs: Set<String> = []

  /// Writes study.yaml, its texts and sounds/renderings.csv.
  public func write(to folder: URL, path: (_ file: URL, _ folder: URL) -> String) throws {
    let sounds = folder.appending(path: "sounds"), texts = folder.appending(path: "texts")
    for folder in [sounds, texts] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try TableWriter.write(sounds.appending(path: "renderings.csv"), columns: ["item", "system", "file", "reference"]) {
      table in
      for one in versions {
        try table.row([one.item, one.system, path(one.file, sounds), one.isReference ? "yes" : "no"])
      }
    }
    func text(_ name: String, _ markdown: String) throws -> String {
      try Data((markdown + "\n").utf8).write(to: texts.appending(path: "\(name).md"))
      return "{file: texts/\(name).md}"
    }
    let yaml =
      try head(text) + blocks.map { try said($0, text) }.joined() + asked("questionnaire", opening)
      + asked("closing_questionnaire", questionnaire)
    try Data(yaml.utf8).write(to: folder.appending(path: "study.yaml"))
  }

  /// The part of study.yaml before the blocks.
  /// - Parameter text: writes a text to a file of this name, and returns the YAML that refers to it.
  private func head(_ text: (_ name: String, _ markdown: String) throws -> String) throws -> String {
    """
    # `earshot check` tells what follows from it, and `earshot help study` explains every key.

    title: \(Self.quoted(title))
    languages: [\(language)]

    texts:
      welcome: \(try text("welcome", welcome))
      instructions: \(try text("instructions", instructions))
      finish: \(try text("finish", finish))

    sounds:
      renderings: sounds/renderings.csv
      renderings_level: as_is # or item: one gain for all versions of an item

    consent:
      text: \(try text("consent", consent))
      agree: \(language == "de" ? "Ich habe das gelesen und nehme teil." : "I have read this and agree to take part.")

    scale: {\(language == "de" ? "low: niedrig, high: hoch" : "low: low, high: high")}

    headphones: {check: \(checksHeadphones)}

    \(areBlocksShuffled ? "block_order: shuffled\n" : "")blocks:

    """
  }

  private func said(_ block: Block, _ text: (_ name: String, _ markdown: String) throws -> String) throws -> String {
    var yaml =
      "  - name: \(block.type.replacing("-", with: "_"))\n    type: \(block.type)\n    source: renderings\n"
    yaml += "    question: \(Self.quoted(block.question))\n"
    if !block.instructions.isEmpty { yaml += "    instructions: \(try text(block.type, block.instructions))\n" }
    if block.type == "mushra" {
      yaml += "    anchors_lowpass_hz: [\(block.anchors.map(\.cellText).joined(separator: ", "))]\n"
    }
    if block.takesComments { yaml += "    comments: true\n" }
    if block.mustHearWhole { yaml += "    must_hear_share: 1\n" }
    if !block.scales.isEmpty {
      yaml += "    scales:\n"
      for scale in block.scales {
        let labels = scale.labels.map { Self.quoted($0[language] ?? "") }.joined(separator: ", ")
        yaml += "      - {name: \(scale.name), labels: [\(labels)]}\n"
      }
    }
    // Files of other programs do not define attention checks or repeats.
    let items = block.items.map(Self.quoted).joined(separator: ", ")
    yaml += "    trials:\n      queries: [\(items)]\n      order: \(block.isShuffled ? "shuffled" : "written")\n"
    yaml +=
      "      training: 0\n      repeats: 0 # pages shown a second time\n      catches: 0 # pages that check attention\n"
    return yaml
  }

  private func asked(_ key: String, _ questions: [StudyDefinition.Question]) -> String {
    if questions.isEmpty { return "" }
    var yaml = "\n# Each question is a column of participants.csv, under its id.\n\(key):\n"
    for question in questions {
      yaml += "  - id: \(question.id)\n    kind: \(question.kind.rawValue)\n"
      yaml += "    text: \(Self.quoted(question.text[language] ?? ""))\n    required: \(question.required)\n"
      if let least = question.minimum { yaml += "    min: \(least.cellText)\n" }
      if let most = question.maximum { yaml += "    max: \(most.cellText)\n" }
      if !question.options.isEmpty { yaml += "    options:\n" }
      for option in question.options {
        yaml += "      - {value: \(Self.quoted(option.value)), text: \(Self.quoted(option.text[language] ?? ""))}\n"
      }
    }
    return yaml
  }

  /// The text reduced to letters, digits and underscores.
  static func identifier(_ text: String, dash: String = "_") -> String {
    let plain = text.lowercased().replacing(/[^a-z0-9]+/) { _ in dash }.trimmingCharacters(
      in: .init(charactersIn: "_-"))
    return plain.isEmpty ? "x" : plain.first?.isLetter == true ? plain : "x\(dash)\(plain)"
  }

  /// A question's id, which clashes neither with a column of participants.csv nor with another question's; nil if a question
  /// has this name already.
  mutating func questionID(_ name: String) -> String? {
    guard !askedNames.contains(name) else { return nil }
    askedNames.insert(name)
    let taken = ParticipantRow.columns.map(\.field.name) + ParticipantRow.laterColumns.map(\.field.name)
    let plain = Self.identifier(name), id = taken.contains(plain) ? "their_\(plain)" : plain
    let known = questionIDs
    questionIDs.insert(known.contains(id) ? (2...).lazy.map { "\(id)_\($0)" }.first { !known.contains($0) } ?? id : id)
    return questionIDs.subtracting(known).first
  }

  /// The question of a block of this type, if the file gives none.
  static func question(_ type: String, _ language: String) -> String {
    let questions = [
      "mushra": (
        "How good is each version, compared with the reference?",
        "Wie gut ist jede Fassung, verglichen mit der Referenz?"
      ),
      "bs1116": (
        "How far does each sound fall short of the reference?",
        "Wie weit bleibt jeder Klang hinter der Referenz zurück?"
      ),
      "abx": ("Which of the two is X?", "Welche der beiden ist X?"),
      "ab": ("Which version is better?", "Welche Fassung ist besser?"),
      "rank": ("Put the versions in order: the best first.", "Ordnen Sie die Fassungen: die beste zuerst."),
      "acr": ("What is this sound like?", "Wie ist dieser Klang?"),
    ]
    let (english, german) = questions[type] ?? ("", "")
    return language == "de" ? german : english
  }

  /// Fills in required texts that are missing in the file.
  /// - Returns: whether the consent text is our own.
  mutating func fillTexts() -> Bool {
    let isGerman = language == "de"
    if instructions.isEmpty {
      instructions =
        isGerman
        ? "Auf jeder Seite hören Sie Klänge und beantworten eine Frage dazu. Hören Sie so oft Sie wollen."
        : "On each page you hear sounds and answer a question about them. Listen as often as you like."
    }
    if welcome.isEmpty { welcome = "# \(title)" }
    if finish.isEmpty { finish = isGerman ? "# Vielen Dank" : "# Thank you" }
    guard consent.isEmpty else { return false }
    consent =
      isGerman
      ? "Die Teilnahme ist freiwillig. Ihre Antworten werden gespeichert."
      : "Taking part is voluntary. Your answers are stored."
    return true
  }

  /// A text as a quoted string in YAML and JSON.
  private static func quoted(_ text: String) -> String {
    let data = try? JSONEncoder().encode(text)
    return data.map { String(decoding: $0, as: UTF8.self).replacing("\\/", with: "/") } ?? "\"\""
  }
}
