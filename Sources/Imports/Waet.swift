import Basics
import Foundation
import Study

/// A test specification of the Web Audio Evaluation Tool: which parts become a study, and which do not.
public struct Waet {
  /// What becomes of the test, including texts that study.yaml requires and the file lacks.
  public private(set) var draft = StudyDraft()
  /// What was not carried over or was changed, each with its line.
  public private(set) var notes: [Problem] = []

  private let file: String
  private let root: URL
  /// Statements since the last page with sounds.
  private var told: [String] = []
  private var asksForComments = false

  /// The tool's interfaces, and the block types that they become.
  private static let types = [
    "mushra": "mushra", "ape": "mushra", "horizontal": "mushra", "horizontal-sliders": "mushra", "ab": "ab",
    "abx": "abx",
    "discrete": "acr", "likert": "acr", "ordinal": "rank",
  ]

  /// - Parameters:
  ///   - specification: the XML file.
  ///   - sounds: the folder that the file's URLs are relative to. By default the folder above `tests` or, without one,
  ///     that of the file.
  /// - Throws: `Problem` if it is not such a file.
  public init(_ specification: URL, sounds: URL? = nil) throws {
    file = specification.relativePath
    let own = specification.deletingLastPathComponent()
    let folders = sequence(first: own) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }.prefix(4)
    root = sounds ?? folders.first { $0.lastPathComponent == "tests" }?.deletingLastPathComponent() ?? own
    let missing = Problem("there is no such file", at: Place(file: file), mend: "Name the XML file of the test.")
    let top = try XMLTree.read(
      InputFile.data(specification, name: file, missing: missing, largest: 4 << 20), file: file)
    guard top.name == "waet" else {
      throw Problem(
        "the file is not a test of the Web Audio Evaluation Tool", at: Place(file: file, line: top.line),
        mend: "Its outermost element must be 'waet'; here it is '\(top.name)'.")
    }
    guard let setup = top.all("setup").first else {
      throw Problem(
        "the file has no 'setup'", at: Place(file: file, line: top.line), mend: "Check that the file is complete.")
    }
    let name = specification.deletingPathExtension().lastPathComponent
    (draft.title, draft.name) = (name, StudyDraft.identifier(name, dash: "-"))
    for survey in setup.all("survey") where survey["location"] == "before" {
      draft.opening += questions(survey)
    }
    if !told.isEmpty { draft.welcome = told.removeFirst() }
    general(setup)
    for page in top.all("page") { read(page, setup) }
    guard !draft.blocks.isEmpty else {
      throw Problem(
        "Earshot can use none of its pages", at: Place(file: file),
        mend: notes.last?.description ?? "It has no element 'page'.")
    }
    for survey in setup.all("survey") where survey["location"] == "after" {
      draft.questionnaire += questions(survey)
    }
    let exit = setup.all("exitText").map(\.text) + told
    draft.finish = exit.filter { !$0.isEmpty }.joined(separator: "\n\n")
    swap(&draft.instructions, &draft.blocks[0].instructions)
    if draft.fillTexts() {
      note("there is no consent page", setup, mend: "Write what listeners agree to in texts/consent.md.")
    }
    note(
      "a version's system is its 'name', or otherwise the name of its file", setup,
      mend: "Check sounds/renderings.csv: a system must have the same name on all pages.")
  }

  private mutating func note(_ what: String, _ element: XMLTree, mend: String = "") {
    notes.append(Problem(what, at: Place(file: file, line: element.line), mend: mend, severity: .warning))
  }

  private mutating func general(_ setup: XMLTree) {
    let options = setup.all("interface").flatMap { $0.all("interfaceoption") }
    for option in options {
      switch (option["type"], option["name"]) {
      case ("show", "comments"): asksForComments = true
      case ("check", let name?):
        note(
          "the check '\(name)' is not used", option, mend: "Instead, each sound must be heard and judged on every page."
        )
      default: break
      }
    }
    if let loudness = setup["loudness"] {
      note(
        "levels stay as they are in the files, not at \(loudness) LUFS", setup,
        mend: "Write 'renderings_level: item' for one common gain for all versions of an item.")
    }
    if setup["calibration"] == "true" { note("playback is not calibrated", setup) }
    if setup["poolSize"] != nil { note("all pages are shown to each listener", setup, mend: "See 'per_participant'.") }
  }

  // MARK: Pages

  private mutating func read(_ page: XMLTree, _ setup: XMLTree) {
    let interface = (page["interface"] ?? setup["interface"] ?? "").lowercased()
    let id = page["id"] ?? "page"
    let before = page.all("survey").filter { $0["location"] == "before" }
    told += before.flatMap(statements)
    guard let type = Self.types[interface] else {
      return note(
        "the page '\(id)' with the interface '\(interface)' is left out", page,
        mend: Suggestion.didYouMean(interface, among: Self.types.keys.sorted()) ?? "Earshot has no such trial type.")
    }
    let sounds = page.all("audioelement")
    let reference = ["outside-reference", "reference"].lazy.compactMap { kind in sounds.first { $0["type"] == kind } }
      .first
    if ["mushra", "abx"].contains(type), reference == nil {
      return note(
        "the page '\(id)' is left out: it has no reference, which '\(type)' needs", page,
        mend: "Give an audioelement the type 'outside-reference'.")
    }
    let own = page.all("interface").first
    let title = own?.all("title").first?.text ?? ""
    let scales = type == "acr" ? scales(own) : []
    if type == "acr", scales.isEmpty {
      return note("the page '\(id)' is left out: its scale has no words", page, mend: "Give it elements 'scalelabel'.")
    }
    let place: Int
    if let known = draft.blocks.firstIndex(where: { $0.type == type && $0.scales == scales }) {
      place = known
      if !title.isEmpty, draft.blocks[place].question != title {
        note("the page asks the question of earlier pages, not '\(title)'", page)
      }
    } else if draft.blocks.contains(where: { $0.type == type }) {
      return note("the page '\(id)' is left out: its scale differs from that of earlier pages", page)
    } else {
      place = draft.blocks.count
      var block = StudyDraft.Block(type: type, question: title)
      if title.isEmpty { block.question = StudyDraft.question(type, draft.language) }
      block.scales = scales
      draft.blocks.append(block)
    }
    if setup["randomiseOrder"] == "true" { draft.blocks[place].isShuffled = true }
    if asksForComments || own?.all("interfaceoption").contains(where: { $0["name"] == "comments" }) == true
      || page["showElementComments"] == "true"
    {
      draft.blocks[place].takesComments = true
    }
    draft.blocks[place].instructions = ([draft.blocks[place].instructions] + told).filter { !$0.isEmpty }.joined(
      separator: "\n\n")
    told = []
    remark(page, type, own, surveys: before)
    add(id, page, sounds, reference, to: place)
  }

  /// Notes what is different about a page.
  private mutating func remark(
    _ page: XMLTree, _ type: String, _ own: XMLTree?, surveys before: [XMLTree]
  ) {
    let after = page.all("survey").filter { $0["location"] == "after" }
    told += after.flatMap(statements)
    let entries = (before + after).flatMap(\.children).filter { Self.kind($0) != "statement" }
    let asked = (entries + page.all("commentquestion")).compactMap { question($0) }
    for question in asked {
      note(
        "'\(question.id)' is asked on each page and is left out", page, mend: "Add it to a block's questionnaire.")
    }
    if type == "mushra", let own, !own.all("scales").isEmpty {
      note("the scale uses the five words of ITU-R BS.1534", own)
    }
    if type == "acr" { note("each sound has its own page", page) }
    if type == "ab", page.all("audioelement").count > 2 { note("a page shows two versions, in all pairs", page) }
    if let own, !own.all("image").isEmpty { note("pictures are not shown", own) }
    if let count = page["repeatCount"].flatMap({ Int($0) }), count > 0 {
      note("the page's repeatCount of \(count) is ignored", page, mend: "See 'repeats'.")
    }
    for sound in page.all("audioelement") where (sound["gain"].flatMap(Double.init) ?? 0) != 0 {
      note("the gain of \(sound["gain"] ?? "") dB is not applied", sound, mend: "Apply it to the file.")
    }
  }

  /// Turns the sounds of a page into an item.
  private mutating func add(_ id: String, _ page: XMLTree, _ sounds: [XMLTree], _ reference: XMLTree?, to place: Int) {
    func plain(_ name: String) -> String { name.replacing(/[:\/]/) { _ in "_" } }
    let folder = page["hostURL"] ?? ""
    let known = Set(draft.versions.map(\.item))
    var item = plain(id)
    if known.contains(item) { item = (2...).lazy.map { "\(plain(id))-\($0)" }.first { !known.contains($0) } ?? item }
    var systems: Set<String> = []
    let anchors = sounds.count { $0["type"] == "anchor" }
    // The reference keeps its name, whatever versions are called.
    for sound in sounds.filter({ $0 == reference }) + sounds.filter({ $0 != reference }) {
      guard let path = sound["url"], !path.isEmpty else {
        note("a sound of '\(id)' has no url and is left out", sound)
        continue
      }
      let url = URL(filePath: folder + path, relativeTo: root).standardizedFileURL
      let isReference = sound == reference
      // The hidden reference is made from the open reference.
      if !isReference, ["reference", "outside-reference"].contains(sound["type"] ?? "") { continue }
      var system = plain(sound["name"] ?? url.deletingPathExtension().lastPathComponent)
      if sound["type"] != "anchor", ["reference", "anchor"].contains(system.lowercased()) { system += "-version" }
      // Several anchors keep their names (ITU-R BS.1534-3 has two).
      if sound["type"] == "anchor" { system = anchors == 1 ? "anchor" : "anchor_\(system)" }
      if isReference { system = "reference" }
      guard systems.insert(system).inserted else {
        note("'\(system)' occurs twice in '\(id)'; the second is left out", sound, mend: "Give each its own 'name'.")
        continue
      }
      draft.versions.append(.init(item: item, system: system, file: url, isReference: isReference))
    }
    draft.blocks[place].items.append(item)
  }

  /// The scales, with labels ordered from best to worst by decreasing position.
  private func scales(_ interface: XMLTree?) -> [StudyDefinition.RatingScale] {
    let labels = (interface?.all("scales").first?.all("scalelabel") ?? []).filter { !$0.text.isEmpty }
    guard (2...11).contains(labels.count) else { return [] }
    var scale = StudyDefinition.RatingScale()
    scale.name = "response"
    scale.labels = labels.sorted { (Double($0["position"] ?? "") ?? 0) > (Double($1["position"] ?? "") ?? 0) }.map {
      [draft.language: $0.text]
    }
    return [scale]
  }

  // MARK: Surveys

  private func statements(_ survey: XMLTree) -> [String] {
    survey.children.filter { Self.kind($0) == "statement" }.map { entry in
      entry.all("statement").map(\.text).joined(separator: "\n\n")
    }.filter { !$0.isEmpty }
  }

  /// The questions of a survey. Its statements are added to `told`.
  private mutating func questions(_ survey: XMLTree) -> [StudyDefinition.Question] {
    var questions: [StudyDefinition.Question] = []
    told += statements(survey)
    for entry in survey.children {
      if Self.kind(entry) == "statement" { continue }
      if var question = question(entry) {
        if let id = draft.questionID(question.id) {
          question.id = id
          questions.append(question)
        } else {
          note("the question '\(question.id)' is asked twice; the second is left out", entry)
        }
      }
    }
    return questions
  }

  /// The kind of a question: `<surveyentry type="number">` or `<surveynumber>`.
  private static func kind(_ entry: XMLTree) -> String {
    entry["type"] ?? (entry.name.hasPrefix("survey") ? String(entry.name.dropFirst(6)) : "")
  }

  /// A question, with the name that it has in the file as its id.
  private mutating func question(_ entry: XMLTree) -> StudyDefinition.Question? {
    var question = StudyDefinition.Question()
    let name = entry["id"] ?? entry["name"] ?? "question"
    question.id = name
    question.text = [draft.language: entry.all("statement").first?.text ?? name]
    question.required = entry["mandatory"] == "true"
    question.options = entry.all("option").compactMap { option in
      let value = option["name"] ?? option.text
      return value.isEmpty
        ? nil : .init(value: value, text: [draft.language: option.text.isEmpty ? value : option.text])
    }
    switch Self.kind(entry) {
    case "question": question.kind = ["large", "huge"].contains(entry["boxsize"] ?? "") ? .longText : .text
    case "number", "slider":
      question.kind = .number
      (question.minimum, question.maximum) = (entry["min"].flatMap(Double.init), entry["max"].flatMap(Double.init))
      question.options = []
    case "radio" where question.options.count > 1: question.kind = .choice
    case "checkbox" where !question.options.isEmpty: question.kind = .choices
    default:
      note("the question '\(name)' of the type '\(Self.kind(entry))' is left out", entry)
      return nil
    }
    if question.text.values.contains(where: {
      $0.lowercased().contains("your name") || $0.lowercased().contains("mail")
    }) {
      note("'\(name)' asks for something personal", entry, mend: "Remove it from study.yaml if you do not need it.")
    }
    return question
  }
}
