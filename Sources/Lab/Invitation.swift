import Basics
import Foundation
import Records
import Study

/// What a listener's link says: an id in another system, where the listener comes from, and what the study wants to keep.
///
/// Every link can be read, and nobody is turned away because of one. What is too long is cut, and a placeholder that was
/// not filled in counts as missing; both are reported to the experimenter. Parameters that neither a panel nor the study
/// names are not kept.
struct Invitation: Sendable {
  private(set) var externalID: String?
  /// Made from the id before it was cut, so that two long ids with the same beginning are not taken for one.
  private(set) var identity: String?
  private(set) var recruitedFrom: String?
  /// The group of listeners that the link chooses.
  private(set) var group: String?
  /// By column of participants.csv.
  private(set) var kept: [String: String] = [:]
  private(set) var notes: [String] = []
  /// The link's invitation, if the study requires one.
  private(set) var invite: String?

  /// The maximum number of characters of an id, and of anything else that is kept.
  static let (longestID, longestValue) = (2000, 500)
  /// Parameters that name the listener without a panel; `id` is the documented one.
  static let plainIDs = ["id", "external_id"]

  private struct Parameter {
    var name: String
    var folded: String
    var value: String
  }

  private var parameters: [Parameter] = []
  /// No more parameters of a link are looked at; the page sends at most 60.
  private static let mostParameters = 100

  /// - Parameters:
  ///   - parameters: names and values in the order of the link, decoded.
  ///   - joining: the study's settings for links.
  init(
    _ parameters: [(name: String, value: String)], _ joining: StudyDefinition.Joining, groups: [String] = []
  ) {
    self.parameters = parameters.prefix(Self.mostParameters).map {
      Parameter(name: $0.name, folded: Panel.folded($0.name), value: $0.value)
    }
    let panel = Panel.all.first { !values($0.id).isEmpty }
    let names = joining.id + Panel.all.map(\.id) + Invitation.plainIDs
    if let (name, id) = given(names) {
      identity = Newcomer.identity(of: id)
      externalID = cut(id, name, Invitation.longestID)
    }
    if let from = value("from") ?? value("recruited_from") {
      recruitedFrom = cut(from, "from", Invitation.longestValue)
    }
    recruitedFrom = recruitedFrom ?? panel?.name
    if !groups.isEmpty, let name = value("group") {
      group = groups.first { $0 == name.lowercased() }
      if group == nil { notes.append("there is no group '\(name.prefix(60))'") }
    }
    if joining.byInvitation { invite = value("invite") }
    let others = panel.map { [$0] } ?? Panel.all
    keep("panel_study", others.compactMap(\.study))
    keep("panel_session", others.compactMap(\.session))
    for name in joining.keep { keep(name, [name]) }
    noteWhatIsOdd(
      names + Panel.all.flatMap { [$0.study, $0.session].compactMap(\.self) } + ["from"]
        + (groups.isEmpty ? [] : ["group"])
        + joining.keep)
  }

  /// Makes the holder of an invitation the listener, whatever else the link says.
  mutating func belongs(to number: Int) {
    let name = "invitation \(number)"
    (identity, externalID) = (Newcomer.identity(of: name), externalID ?? name)
  }

  /// The value of a name, as far as it can be read.
  private func values(_ name: String) -> [String] {
    let folded = Panel.folded(name)
    return parameters.filter { $0.folded == folded }.map { Name.read($0.value) }.filter { !$0.isEmpty }
  }

  /// The first of the values that is more than a placeholder.
  private func value(_ name: String) -> String? { values(name).first { !Placeholder.isLeft(in: $0) } }

  /// The first of some names that has a value.
  private func given(_ names: [String]) -> (name: String, value: String)? {
    for name in names { if let value = value(name) { return (name, value) } }
    return nil
  }

  private mutating func keep(_ column: String, _ names: [String]) {
    guard kept[column] == nil, let (name, value) = given(names) else { return }
    kept[column] = cut(value, name, Invitation.longestValue)
  }

  private mutating func cut(_ text: String, _ name: String, _ limit: Int) -> String {
    let count = text.unicodeScalars.count
    guard count > limit else { return text }
    notes.append("\(name) was cut from \(count) characters to \(limit)")
    return Name.read(String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))))
  }

  private mutating func noteWhatIsOdd(_ names: [String]) {
    var seen: Set<String> = []
    for name in names where seen.insert(Panel.folded(name)).inserted {
      let values = values(name)
      if let left = values.first(where: Placeholder.isLeft) {
        notes.append(
          left == Placeholder.preview
            ? "the link of a preview: the task had not been accepted"
            : "\(name) was not filled in: \(left.prefix(60))")
      }
      if Set(values.filter { !Placeholder.isLeft(in: $0) }).count > 1 {
        notes.append("\(name) has several values; the first was used")
      }
    }
  }
}

/// A placeholder in a link that a panel or a survey should have filled in but did not. If it counted as an id, everybody
/// with that link would be the same person.
enum Placeholder {
  /// What Mechanical Turk sends to those who look at a task before they accept it.
  static let preview = "ASSIGNMENT_ID_NOT_AVAILABLE"

  static func isLeft(in value: String) -> Bool {
    if value == preview || ["null", "undefined", "none", "nan"].contains(value.lowercased()) { return true }
    let inside = [("{{", "}}", 0), ("${", "}", 0), ("[%", "%]", 0), ("%%", "%%", 1), ("{%", "%}", 0)]
    let bytes = Array(value.utf8)
    if inside.contains(where: { holds(bytes, $0, $1, atLeast: $2) }) { return true }
    let whole = [
      #/\{.*\}/#, #/\[.*\]/#, #/<.*>/#, #/%[^%]+%/#, #/\$[^$]+\$/#, #/#[^#]+#/#, #/__.+__/#, #/\$[A-Za-z_]+/#,
      #/%[A-Z_]+/#,
    ]
    return whole.contains { value.wholeMatch(of: $0) != nil }
  }

  /// Whether two marks come one behind the other, with so many bytes or more between them. Anybody may send a value, however
  /// long: each byte is looked at once, where a search by pattern begins anew at every opening mark.
  private static func holds(_ value: [UInt8], _ opening: String, _ closing: String, atLeast least: Int) -> Bool {
    guard let start = end(of: opening, in: value[...]), start + least <= value.count else { return false }
    return end(of: closing, in: value[(start + least)...]) != nil
  }

  /// Where the first occurrence of a mark ends.
  private static func end(of mark: String, in text: ArraySlice<UInt8>) -> Int? {
    let mark = Array(mark.utf8)
    var start = text.startIndex
    while let first = text[start...].firstIndex(of: mark[0]) {
      if text[first...].starts(with: mark) { return first + mark.count }
      start = first + 1
    }
    return nil
  }
}
