import Basics
import Foundation
import Keys
import Study
import Yams

/// A webMUSHRA configuration, as described in its documentation for experimenters: which parts become a study, and
/// which do not.
public struct WebMushra {
  /// What becomes of the test, including texts that study.yaml requires and the file lacks.
  public private(set) var draft = StudyDraft()
  /// What was not carried over or was changed, each with its line.
  public private(set) var notes: [Problem] = []

  private let file: String
  private let root: URL
  /// The pages to import, by id. Empty for all.
  private let wanted: [String]
  /// Texts since the last page with sounds.
  private var told: [String] = []
  private var names: Set<String> = []
  /// The texts of pages with sounds, by type.
  private var contents: [String: [String]] = [:]
  private var shuffled = false
  /// How many pages were in shuffled lists.
  private var shuffledBlocks = 0
  private static let largest = 4 << 20

  /// - Parameters:
  ///   - config: the YAML file.
  ///   - sounds: the folder that its paths are relative to. By default webMUSHRA's own, above `configs`.
  ///   - pages: the pages with sounds to import, by id. Empty for all.
  /// - Throws: `Problem` or `Problems` if it is not such a file.
  public init(_ config: URL, sounds: URL? = nil, pages: [String] = []) throws {
    file = config.relativePath
    wanted = pages
    let own = config.deletingLastPathComponent()
    root = sounds ?? (own.lastPathComponent == "configs" ? own.deletingLastPathComponent() : own)
    let missing = Problem("there is no such file", at: Place(file: file), mend: "Name webMUSHRA's YAML file.")
    let data = try InputFile.data(config, name: file, missing: missing, largest: Self.largest)
    var reader = YAMLReader(file: file, folder: own, known: [])
    guard let node = reader.compose(try TextBytes.text(of: data, file: file)) else { throw Problems(reader.problems) }
    guard let top = node.mapping, let list = top["pages"]?.sequence else {
      throw Problem(
        "the file has no 'pages'", at: Place(file: file, line: node.mark?.line),
        mend: "A configuration of webMUSHRA has a list of pages.")
    }
    draft.title = top["testname"]?.scalar?.string ?? "A listening test"
    draft.name = StudyDraft.identifier(top["testId"]?.scalar?.string ?? "study", dash: "-")
    general(top)
    for page in list { read(page) }
    if let stranger = wanted.first(where: { !names.contains($0) }) {
      throw Problem(
        "there is no page '\(stranger)'", at: Place(file: file),
        mend: Suggestion.didYouMean(stranger, among: names.sorted()) ?? "")
    }
    guard !draft.blocks.isEmpty else {
      throw Problem(
        "none of its pages has sounds that Earshot can use", at: Place(file: file),
        mend: "The known types are \(Self.types.joined(separator: ", ")).")
    }
    finish()
  }

  private static let types = [
    "generic", "consent", "volume", "headphones_screen", "mushra", "bs1116", "paired_comparison", "preference_test",
    "ranking", "likert_single_stimulus", "likert_multi_stimulus", "finish",
  ]

  private mutating func note(_ what: String, _ node: Node?, mend: String = "") {
    notes.append(Problem(what, at: Place(file: file, line: node?.mark?.line), mend: mend, severity: .warning))
  }

  private mutating func general(_ top: Node.Mapping) {
    if let language = top["language"]?.scalar?.string {
      if ["en", "de"].contains(language) {
        draft.language = language
      } else {
        note(
          "Earshot's pages are not available in '\(language)'", top["language"],
          mend: "They are in English; the study's own texts stay as they are.")
      }
    }
    if top["showButtonPreviousPage"]?.bool == true {
      note(
        "listeners cannot go back to earlier pages", top["showButtonPreviousPage"],
        mend: "Each answer is saved at once, and is final.")
    }
  }

  // MARK: Pages

  private mutating func read(_ page: Node, isShuffled: Bool = false) {
    if let list = page.sequence {
      let isRandom = list.first?.scalar?.string == "random"
      let inside = isRandom ? Array(list.dropFirst()) : Array(list)
      let before = draft.blocks.count
      for one in inside { read(one, isShuffled: isShuffled || isRandom) }
      if isRandom, draft.blocks.count - before > 1 || inside.contains(where: { $0.sequence != nil }) {
        shuffled = true
        shuffledBlocks += draft.blocks.count - before
      }
      return
    }
    guard let keys = page.mapping, let type = keys["type"]?.scalar?.string else {
      if page.scalar?.string != "random" { note("a page without a type is left out", page) }
      return
    }
    switch type {
    case "generic": told.append(Self.titled(keys, text(keys)))
    case "consent": draft.consent = text(keys)
    case "volume":
      note("the volume is set with a sound of the study, and 'content' is not shown", page)
    case "headphones_screen", "headphones":
      draft.checksHeadphones = true
      note("the headphone check is Earshot's own, with three tones (Woods et al. 2017)", page)
    case "mushra", "bs1116", "paired_comparison", "preference_test", "ranking", "likert_single_stimulus",
      "likert_multi_stimulus":
      sounds(page, keys, type, isShuffled: isShuffled)
    case "finish": finish(keys)
    default:
      note(
        "a page of the type '\(type)' is left out", page,
        mend: type == "spatial"
          ? "Earshot cannot ask where a sound seems to come from."
          : Suggestion.didYouMean(type, among: Self.types) ?? "")
    }
  }

  /// A page's text as Markdown.
  private mutating func text(_ keys: Node.Mapping) -> String {
    guard let content = keys["content"]?.scalar?.string else { return "" }
    let (text, lost) = HTMLText.markdown(content)
    if !lost.isEmpty { note("the text loses \(Set(lost).sorted().joined(separator: ", "))", keys["content"]) }
    return text
  }

  private static func titled(_ keys: Node.Mapping, _ text: String) -> String {
    let name = HTMLText.markdown(keys["name"]?.scalar?.string ?? "").text
    return [name.isEmpty || text.hasPrefix("#") ? "" : "# \(name)", text].filter { !$0.isEmpty }.joined(
      separator: "\n\n")
  }

  /// Reads a page with sounds, which may become several.
  private mutating func sounds(_ page: Node, _ keys: Node.Mapping, _ type: String, isShuffled: Bool) {
    let id = keys["id"]?.scalar?.string ?? keys["name"]?.scalar?.string ?? type
    let content = text(keys)
    names.insert(id)
    guard wanted.isEmpty || wanted.contains(id) else { return }
    guard let stimuli = keys["stimuli"]?.mapping, !stimuli.isEmpty else {
      return note("'\(id)' has no stimuli and is left out", page)
    }
    let ours =
      [
        "mushra": "mushra", "bs1116": "bs1116", "paired_comparison": "abx", "preference_test": "ab", "ranking": "rank",
      ][type] ?? "acr"
    let scales = ours == "acr" ? self.scales(keys["response"]) : []
    if ours == "acr", scales.isEmpty {
      return note("'\(id)' has no response of two words or more and is left out", page)
    }
    let anchors = [("createAnchor35", 3500.0), ("createAnchor70", 7000)].filter { keys[$0.0]?.bool == true }.map(\.1)
    let place: Int
    if let known = draft.blocks.firstIndex(where: { $0.type == ours }) {
      place = known
      if draft.blocks[place].scales != scales {
        return note(
          "'\(id)' is left out: its response differs from that of earlier pages", page,
          mend: "Import it alone: '--pages \(id)'.")
      }
      if ours == "mushra", draft.blocks[place].anchors != anchors {
        note("the anchors of '\(id)' are those of earlier pages", page, mend: "Import it alone: '--pages \(id)'.")
      }
    } else {
      place = draft.blocks.count
      var block = StudyDraft.Block(type: ours, question: StudyDraft.question(ours, draft.language))
      (block.anchors, block.scales, block.isShuffled) = (anchors, scales, isShuffled)
      if keys["mustPlayback"]?.scalar?.string == "ended" { block.mustHearWhole = true }
      // Texts up to here are shown before the block. The very first text is the welcome.
      if draft.blocks.isEmpty, !told.isEmpty { draft.welcome = told.removeFirst() }
      block.instructions = told.joined(separator: "\n\n")
      told = []
      draft.blocks.append(block)
    }
    if !told.isEmpty {
      note(
        "a text between pages of one type is shown before the first of them", page,
        mend: "If it is meant for some pages only, move it in texts/\(place == 0 ? "instructions" : ours).md.")
      draft.blocks[place].instructions += "\n\n" + told.joined(separator: "\n\n")
      told = []
    }
    order(id, page, isShuffled: isShuffled, at: place)
    if !content.isEmpty, contents[ours]?.contains(content) != true { contents[ours, default: []].append(content) }
    remark(page, keys, type)
    add(id, keys, stimuli, to: place)
  }

  /// Says in which order a page comes, where that is not the file's.
  private mutating func order(_ id: String, _ page: Node, isShuffled: Bool, at place: Int) {
    if draft.blocks[place].items.isEmpty {
      draft.blocks[place].isShuffled = isShuffled
    } else if isShuffled != draft.blocks[place].isShuffled {
      note(
        "'\(id)' and the pages before it are all shuffled, though some of them are not in the file", page,
        mend: "Import the pages of one order with '--pages', or make the first ones practice ('training').")
      draft.blocks[place].isShuffled = true
    }
    if !draft.blocks[(place + 1)...].isEmpty {
      note(
        "'\(id)' is moved before pages of another type, to the earlier pages of its own", page,
        mend: "Pages of one type are one block. To keep the order, import them apart with '--pages'.")
    }
  }

  /// Turns the versions of a page into an item.
  private mutating func add(_ id: String, _ keys: Node.Mapping, _ stimuli: Node.Mapping, to place: Int) {
    func plain(_ name: String) -> String { name.replacing(/[:\/]/) { _ in "_" } }
    let known = Set(draft.versions.map(\.item))
    var item = plain(id)
    if known.contains(item) { item = (2...).lazy.map { "\(plain(id))-\($0)" }.first { !known.contains($0) } ?? item }
    draft.blocks[place].items.append(item)
    func file(_ path: String) -> URL { URL(filePath: path, relativeTo: root).standardizedFileURL }
    if let reference = keys["reference"]?.scalar?.string, !reference.isEmpty {
      draft.versions.append(.init(item: item, system: "reference", file: file(reference), isReference: true))
    }
    for (key, value) in stimuli {
      guard let name = key.scalar?.string, let path = value.scalar?.string, !path.isEmpty else {
        note("a stimulus of '\(id)' has no file and is left out", key)
        continue
      }
      let system = ["reference", "anchor"].contains(plain(name).lowercased()) ? "\(plain(name))-version" : plain(name)
      draft.versions.append(.init(item: item, system: system, file: file(path), isReference: false))
    }
  }

  /// Notes what is different about a page with sounds.
  private mutating func remark(_ page: Node, _ keys: Node.Mapping, _ type: String) {
    if keys["showConditionNames"]?.bool == true {
      note(
        "the names of the conditions are not shown", keys["showConditionNames"], mend: "Listeners must not know them.")
    }
    if keys["showWaveform"]?.bool == true {
      note(
        "no waveform is shown", keys["showWaveform"],
        mend: "With it, listeners could distinguish versions without listening.")
    }
    if keys["randomize"]?.bool == false {
      note("the versions are shown in balanced order nevertheless", keys["randomize"])
    }
    if type == "bs1116", ["createAnchor35", "createAnchor70"].contains(where: { keys[$0]?.bool == true }) {
      note("a page of BS.1116 has no anchors", page, mend: "ITU-R BS.1116-3 does not use any.")
    }
    if type == "paired_comparison" {
      note("X is the reference or the version, equally often, and pairs of two versions are asked as well", page)
      if let words = keys["unforced"]?.scalar?.string, !words.isEmpty {
        note("'\(words)' cannot be answered: X is one of the two", keys["unforced"])
      }
    }
    if type == "preference_test", keys["numPerTrial"]?.int ?? 2 != 2 {
      note("a page shows two versions", keys["numPerTrial"])
    }
    if type == "likert_multi_stimulus" { note("each sound has its own page", page) }
    if type.hasPrefix("likert"), keys["mustRate"]?.bool != true { note("each sound must be rated", page) }
  }

  /// The scales, with labels from best to worst: by decreasing values if all are numbers; otherwise, webMUSHRA orders them from
  /// lowest to highest. Empty if there are none.
  private func scales(_ response: Node?) -> [StudyDefinition.RatingScale] {
    guard let list = response?.sequence else { return [] }
    let all = list.first?.sequence == nil ? [Array(list)] : list.compactMap { $0.sequence.map { Array($0) } }
    let scales = all.enumerated().map { i, points in
      var scale = StudyDefinition.RatingScale()
      scale.name = all.count == 1 ? "response" : "response_\(i + 1)"
      // From the lowest on, unless the points' own numbers say otherwise.
      let values = points.map { point in
        (point.mapping?["value"]?.scalar?.string).flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
      }
      let ordered =
        values.contains(nil)
        ? Array(points.reversed())
        : zip(values, points.indices).sorted {
          ($0.0 ?? 0, $0.1) > ($1.0 ?? 0, $1.1)
        }.map { points[$0.1] }
      scale.labels = ordered.compactMap { point in
        let label = point.mapping?["label"]?.scalar?.string ?? point.mapping?["value"]?.scalar?.string
        return label.map { [draft.language: HTMLText.markdown($0).text] }
      }
      return scale
    }
    return scales.allSatisfy { (2...11).contains($0.labels.count) } ? scales : []
  }

  // MARK: The end

  private mutating func finish(_ keys: Node.Mapping) {
    draft.finish = Self.titled(keys, text(keys))
    if keys["showResults"]?.bool == true { note("listeners do not see their results", keys["showResults"]) }
    for entry in keys["questionnaire"]?.sequence ?? [] {
      guard let asked = entry.mapping, let kind = asked["type"]?.scalar?.string else { continue }
      var question = StudyDefinition.Question()
      let name = asked["name"]?.scalar?.string ?? asked["label"]?.scalar?.string ?? "question"
      guard let id = draft.questionID(name) else {
        note("the question '\(name)' is asked twice; the second is left out", entry)
        continue
      }
      question.id = id
      question.text = [draft.language: HTMLText.markdown(asked["label"]?.scalar?.string ?? name).text]
      question.required = asked["optional"]?.bool != true
      let options = (asked["response"]?.sequence ?? []).compactMap { point -> StudyDefinition.Question.Option? in
        guard let value = point.mapping?["value"]?.scalar?.string else { return nil }
        let label = point.mapping?["label"]?.scalar?.string ?? value
        return .init(value: value, text: [draft.language: HTMLText.markdown(label).text])
      }
      switch kind {
      case "text": question.kind = .text
      case "long_text": question.kind = .longText
      case "number", "slider":
        question.kind = .number
        (question.minimum, question.maximum) = (asked["min"]?.float, asked["max"]?.float)
        if kind == "slider" { note("the slider '\(name)' becomes a number field", entry) }
      case "likert" where options.count > 1: (question.kind, question.options) = (.choice, options)
      default:
        note("the question '\(name)' of the type '\(kind)' is left out", entry)
        continue
      }
      if name.lowercased().contains("mail") {
        note("'\(name)' asks for something personal", entry, mend: "Remove it from study.yaml if you do not need it.")
      }
      draft.questionnaire.append(question)
    }
  }

  /// Completes the draft with what depends on all pages together.
  private mutating func finish() {
    for i in draft.blocks.indices {
      let said = contents[draft.blocks[i].type] ?? []
      if said.count == 1, said[0].count <= 140, !said[0].contains("\n"), !said[0].contains("**") {
        draft.blocks[i].question = said[0].replacing("\\", with: "")
      } else if !said.isEmpty {
        draft.blocks[i].instructions +=
          (draft.blocks[i].instructions.isEmpty ? "" : "\n\n") + said.joined(separator: "\n\n")
        notes.append(
          Problem(
            "what pages of '\(draft.blocks[i].type)' say is shown before all of them", at: Place(file: file),
            mend: "Check texts/\(i == 0 ? "instructions" : draft.blocks[i].type).md and the block's question.",
            severity: .warning))
      }
    }
    if !told.isEmpty {
      draft.finish = ([draft.finish] + told).filter { !$0.isEmpty }.joined(separator: "\n\n")
      note("texts after the last sounds are shown on the last page", nil)
    }
    draft.areBlocksShuffled = shuffled && draft.blocks.count > 1
    if draft.areBlocksShuffled, shuffledBlocks < draft.blocks.count {
      note("all blocks are shuffled, not only some of them", nil, mend: "To shuffle none, remove 'block_order'.")
    }
    // What is shown before the first block is shown before all.
    if !draft.blocks.isEmpty { swap(&draft.instructions, &draft.blocks[0].instructions) }
    if draft.fillTexts() {
      note("there is no consent page", nil, mend: "Write what listeners agree to in texts/consent.md.")
    }
  }
}
