import Basics
import Foundation
import Ratings

/// Answers that say how similar two sounds are: a rating of the two, which of three is the odd one, or which were put
/// in one group. For each two sounds that were heard on a page they give a number from 0 (different) to 1 (alike):
/// - `pairs`: the rating as a share of the way from the scale's low end to its high end;
/// - `oddities`: 1 for the two that are left, 0 for each of them with the odd one;
/// - `sortings`: 1 for two sounds in the same group, 0 for two in different groups.
struct LikenessTable: Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case pairs, oddities, sortings

    /// The meaning of a likeness value, in a sentence.
    var measure: String {
      switch self {
      case .pairs: "mean rating as a share of the scale"
      case .oddities: "share of answers in which the third was the odd one"
      case .sortings: "share of sortings that put both in the same group"
      }
    }
  }

  /// The columns that are used if present, beside those that every table of answers has: for pairs `first`, `second`
  /// and `rating`; for oddities `first`, `second`, `third` and `choice`; for sortings `candidate` or `stimulus` and
  /// `group`.
  static let columns = [
    "first", "second", "third", "first_system", "second_system", "third_system", "rating", "scale_min", "scale_max",
    "choice", "odd", "is_right", "candidate", "stimulus", "system", "group", "group_name",
  ]

  /// A listener's judgement of two sounds of a set.
  struct Judgement: Sendable {
    var listener: Int, first: Int, second: Int
    var value: Double
  }

  /// The groups that a listener made, by sound.
  struct Sorting: Sendable {
    var listener: Int
    /// The query and the condition. Versions of one item are sorted differently from those of another.
    var item: [Int]
    var groups: [Int: Int]
  }

  /// An answer to which of three sounds is the odd one.
  struct Oddity: Sendable {
    var listener: Int
    /// The three sounds in the order of their names, and the position of the odd one among them.
    var three: [Int], odd: Int
  }

  /// Sounds that were heard together: a set, or the systems whose versions of all items were.
  struct SoundSet: Sendable {
    /// The query and condition that identify the set; empty if there is only one.
    var name: String
    var sounds: [String] = []
    var judgements: [Judgement] = []
    var sortings: [Sorting] = []
    var oddities: [Oddity] = []
    /// By judgement: its item.
    var items: [Int] = []
  }

  let kind: Kind
  let file: String
  let rows: Int, missing: Int, aside: Int
  /// Who failed too many attention checks, and is left out.
  let checks: FailedChecks
  let listeners: [String], items: [String]
  private(set) var sets: [SoundSet] = []
  /// The answers to triangle tests, in which two of the three sounds are the same: whether the odd one was found.
  private(set) var triangles: [DiscriminationTable.Said] = []
  let study: String?
  let studyVersions: Names, studyVersionRows: [Int]
  let firstAt: String?
  /// Whether the sounds are systems, compared over all items.
  let isOfSystems: Bool
  /// The number of pages that hold only one sound, or the same one twice.
  private(set) var alone = 0

  private struct Said {
    var sounds: [String], systems: [String?]
    /// The rating, or the position of the odd sound from 0; 0 in a sorting.
    var value = 0.0
    var group = "", isRight: Bool?
    var line = 0
  }

  /// - Throws: a `Problem` or `Problems`: up to twenty errors, each with its file, row, column and fix.
  static func read(_ url: URL, _ kind: Kind, plan: AnalysisPlan, notes: TableNotes) throws -> LikenessTable {
    let needed: [[String]] =
      switch kind {
      case .pairs: [["first"], ["second"], ["rating"]]
      case .oddities: [["first"], ["second"], ["third"], ["choice"]]
      case .sortings: [["candidate", "stimulus", "system"], ["group"]]
      }
    var reader = try AnswerReader(url, of: kind.rawValue, plan: plan, notes: notes) { _ in needed }
    let here = reader, places = ["first", "second", "third"].prefix(kind == .pairs ? 2 : 3)
    let name = ["candidate", "stimulus", "system"].first(where: reader.has) ?? "system"
    // If no row states the scale, it is as wide as the ratings.
    var lows: [Double] = [], highs: [Double] = []
    let answers = try reader.answers { row -> Said? in
      if kind == .sortings {
        guard let group = here.text(row, "group") else { return nil }
        return Said(
          sounds: [try row.name(here.column(name))], systems: [here.text(row, "system")], group: group, line: row.line)
      }
      var said = Said(
        sounds: try places.map { try row.name(here.column($0)) },
        systems: places.map { here.text(row, "\($0)_system") },
        line: row.line)
      if kind == .pairs {
        guard let rating = try row.number(here.column("rating")) else { return nil }
        let low = here.has("scale_min") ? try row.number(here.column("scale_min")) : nil
        let high = here.has("scale_max") ? try row.number(here.column("scale_max")) : nil
        guard [rating, low ?? 0, high ?? 0].allSatisfy({ abs($0) <= RatingTable.largestFigure }) else {
          throw Problem(
            "a rating is \(rating)", at: row.place(here.column("rating")),
            mend: "Numbers must lie between -1e12 and 1e12. Is it a typing error?")
        }
        lows.append(min(low ?? plan.scale?.lowerBound ?? rating, rating))
        highs.append(max(high ?? plan.scale?.upperBound ?? rating, rating))
        said.value = rating
        return said
      }
      guard let choice = here.text(row, "choice") else { return nil }
      let place = places.firstIndex(of: choice.lowercased()) ?? said.sounds.firstIndex(of: choice)
      guard let place, said.sounds.count(where: { $0 == choice }) < 2 else {
        throw Problem(
          "the choice is '\(choice)'", at: row.place(here.column("choice")),
          mend: "Write first, second or third, or the name of the odd one if it appears only once.")
      }
      said.value = Double(place)
      if here.has("is_right") { said.isRight = try row.flag(here.column("is_right")) }
      if said.isRight == nil, let odd = here.text(row, "odd") {
        said.isRight = odd.lowercased() == String(places[place]) || odd == said.sounds[place]
      }
      return said
    }
    let low = lows.min() ?? 0, high = highs.max() ?? 1
    return try LikenessTable(
      kind, reader, answers, scale: high - low >= RatingTable.narrowestScale ? low...high : low...(low + 1))
  }

  private init(
    _ kind: Kind, _ reader: AnswerReader, _ answers: [(place: AnswerReader.Place, said: Said)],
    scale: ClosedRange<Double>
  ) throws {
    self.kind = kind
    file = reader.file
    (missing, aside, rows) = (reader.missing, reader.aside, answers.count + reader.missing + reader.aside)
    checks = reader.checks
    (listeners, items) = (reader.listeners.all, reader.queries.all)
    (study, firstAt) = (reader.study, reader.firstAt)
    (studyVersions, studyVersionRows) = (reader.studyVersions, reader.studyVersionRows)
    isOfSystems = answers.allSatisfy { !$0.said.systems.contains(nil) }
    let main = answers.filter { $0.place.flags.isEmpty }
    var found = Sets(reader, answers.map(\.place), isOfSystems: isOfSystems)
    found.name(main.map { ($0.place, names($0.said)) })
    if kind == .sortings {
      for (place, groups) in try sortings(main, reader) { add(groups, at: place, to: &found) }
    } else {
      for (place, said) in main { add(said, at: place, to: &found, reader, scale) }
    }
    sets = found.sets.filter { !$0.judgements.isEmpty }.sorted { $0.name < $1.name }
    guard !sets.isEmpty || !triangles.isEmpty else {
      throw Problem(
        "no two sounds in the table were heard together", at: Place(file: file, line: 1),
        mend: "Rows of one page share listener, query, condition, session and trial.")
    }
  }
  private func names(_ said: Said) -> [String] { isOfSystems ? said.systems.compactMap(\.self) : said.sounds }

  /// The group of each sound, by page, in the order of the table.
  /// - Throws: `Problems` if a sound is in two groups.
  private func sortings(
    _ answers: [(place: AnswerReader.Place, said: Said)], _ reader: AnswerReader
  ) throws -> [(place: AnswerReader.Place, groups: [String: String])] {
    var pages: [AnswerReader.Place: [String: String]] = [:], order: [AnswerReader.Place] = []
    var problems: [Problem] = []
    for (place, said) in answers {
      if pages[place] == nil { order.append(place) }
      let name = names(said)[0]
      if pages[place, default: [:]].updateValue(said.group, forKey: name) != nil,
        problems.count < RatingTable.problemLimit
      {
        problems.append(
          Problem(
            "listener '\(reader.listeners.all[place.listener])' put '\(name)' in a group twice",
            at: Place(file: file, line: said.line),
            mend: "Give each sorting a 'trial' (and 'session') of its own, or remove one of the rows."))
      }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return order.map { ($0, pages[$0] ?? [:]) }
  }

  /// Adds a sorting: whether each two of its sounds are in the same group.
  private mutating func add(_ groups: [String: String], at place: AnswerReader.Place, to found: inout Sets) {
    let set = found.set(of: place)
    var numbers = Names(), own: [Int: Int] = [:]
    for (name, group) in groups.sorted(by: { $0.key < $1.key }) {
      own[found.number(of: name, in: set)] = Int(numbers.number(group))
    }
    let sounds = own.keys.sorted()
    if sounds.count < 2 { alone += 1 }
    found.sets[set].sortings.append(
      Sorting(listener: place.listener, item: [place.query, place.condition], groups: own))
    for (k, j) in sounds.enumerated() {
      for i in sounds[..<k] { found.judge(i, j, own[i] == own[j] ? 1 : 0, at: place, in: set) }
    }
  }

  /// Adds a rating of two sounds, or an answer to which of three is the odd one.
  private mutating func add(
    _ said: Said, at place: AnswerReader.Place, to found: inout Sets, _ reader: AnswerReader,
    _ scale: ClosedRange<Double>
  ) {
    let set = found.set(of: place), own = names(said).map { found.number(of: $0, in: set) }
    if Set(own).count < own.count {
      if let isRight = said.isRight, kind == .oddities {
        triangles.append(
          .init(
            listener: reader.listeners.all[place.listener], query: reader.queries.all[place.query],
            condition: reader.conditions.all[place.condition],
            pair: Set(names(said)).sorted().joined(separator: " / "), isRight: isRight))
      } else {
        alone += 1
      }
    } else if kind == .pairs {
      let share = (said.value - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
      found.judge(own[0], own[1], share, at: place, in: set)
    } else {
      let odd = Int(said.value)
      for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        found.judge(own[i], own[j], i == odd || j == odd ? 0 : 1, at: place, in: set)
      }
      found.sets[set].oddities.append(Oddity(listener: place.listener, three: own.sorted(), odd: own[odd]))
    }
  }

  /// The sets, collected as answers are read.
  private struct Sets {
    var sets: [SoundSet] = []
    private let titles: (AnswerReader.Place) -> String
    private var numbers: [String: Int] = [:]
    /// By set: the numbers of its sounds, in the order of their names.
    private var sounds: [[String: Int]] = []

    init(_ reader: AnswerReader, _ places: [AnswerReader.Place], isOfSystems: Bool) {
      let isOne = Set(places.map { [$0.query, isOfSystems ? -1 : $0.condition] }).count == 1
      titles = { place in
        if isOfSystems || isOne { return "" }
        return [reader.queries.all[place.query], reader.conditions.all[place.condition]].filter { !$0.isEmpty }
          .joined(separator: " ")
      }
    }

    /// Creates the sets with their sounds. Sounds are numbered by name, so nothing depends on the order of rows.
    mutating func name(_ heard: [(place: AnswerReader.Place, names: [String])]) {
      var names: [Set<String>] = []
      for (place, own) in heard {
        let set = set(of: place)
        if set == names.count { names.append([]) }
        names[set].formUnion(own)
      }
      for set in sets.indices {
        sets[set].sounds = names[set].sorted()
        sounds.append(Dictionary(uniqueKeysWithValues: sets[set].sounds.enumerated().map { ($1, $0) }))
      }
    }

    mutating func set(of place: AnswerReader.Place) -> Int {
      let title = titles(place), number = numbers[title] ?? sets.count
      if number == sets.count {
        numbers[title] = number
        sets.append(SoundSet(name: title))
      }
      return number
    }

    func number(of name: String, in set: Int) -> Int { sounds[set][name] ?? 0 }

    mutating func judge(_ i: Int, _ j: Int, _ value: Double, at place: AnswerReader.Place, in set: Int) {
      sets[set].judgements.append(
        Judgement(listener: place.listener, first: min(i, j), second: max(i, j), value: value))
      sets[set].items.append(place.query)
    }
  }
}
