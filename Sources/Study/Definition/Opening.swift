import Foundation

/// A moment, written `2026-12-01T18:00+01:00`.
public struct Moment: Sendable, Equatable, CustomStringConvertible {
  /// The moment itself, in whole seconds, whatever the zone it was written in.
  public let date: Date
  /// The text as it was written. Moments that are written differently are not equal.
  public let description: String

  /// Reads a day, `T` or a space, a time and a zone (`Z` or an offset). Nil if the text has another form, or there is
  /// no such moment.
  public init?(_ text: String) {
    let form = /([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?([Zz]|[+-][0-9]{2}:[0-9]{2})/
    guard let parts = text.wholeMatch(of: form), let day = CalendarDate(String(parts.1)), let hour = Int(parts.2),
      let minute = Int(parts.3), hour < 24, minute < 60, let second = Int(parts.4 ?? "00"), second < 60
    else { return nil }
    var offset = 0
    if parts.5.count == 6 {
      let figures = parts.5.dropFirst().split(separator: ":").compactMap { Int($0) }
      guard figures.count == 2, figures[0] < 15, figures[1] < 60 else { return nil }
      offset = (figures[0] * 60 + figures[1]) * (parts.5.hasPrefix("-") ? -1 : 1)
    }
    var calendar = Calendar(identifier: .gregorian)
    guard let zone = TimeZone(secondsFromGMT: 0) else { return nil }
    calendar.timeZone = zone
    let whole = DateComponents(
      year: day.year, month: day.month, day: day.day, hour: hour, minute: minute, second: second)
    guard let date = calendar.date(from: whole) else { return nil }
    self.date = date.addingTimeInterval(Double(-60 * offset))
    description = text
  }
}

/// Hours of the day, written `09:00-17:30`. `22:00-06:00` spans midnight.
public struct Hours: Sendable, Equatable, CustomStringConvertible {
  /// Minutes since midnight. `from` belongs to the hours, `until` does not.
  public let from: Int
  /// From 0 to 1440. It is below `from` if the hours span midnight.
  public let until: Int
  /// The text as it was written.
  public let description: String

  /// Nil if the text has another form, or both ends are equal.
  public init?(_ text: String) {
    let form = /([0-9]{2}):([0-9]{2}) ?[-–] ?([0-9]{2}):([0-9]{2})/
    guard let parts = text.wholeMatch(of: form) else { return nil }
    let figures = [parts.1, parts.2, parts.3, parts.4].compactMap { Int($0) }
    guard figures.count == 4, figures[0] < 24, figures[1] < 60, figures[3] < 60,
      figures[2] < 24 || figures[2...] == [24, 0]
    else { return nil }
    from = figures[0] * 60 + figures[1]
    until = figures[2] * 60 + figures[3]
    description = text
    guard from != until else { return nil }
  }

  func contains(_ minute: Int) -> Bool {
    from < until ? (from..<until).contains(minute) : minute >= from || minute < until
  }
}

/// Why a study does not admit new listeners.
public enum Closed: String, Sendable, CaseIterable, Codable {
  /// The experimenter has paused it.
  case paused
  /// It has not opened yet.
  case early
  /// It is outside its daily hours.
  case hours
  /// It has closed.
  case over
  /// All places are taken at the moment.
  case taken
  /// It has as many listeners as it needs.
  case full
}

extension StudyDefinition.Joining {
  /// Why new listeners are not admitted at this time, and when they will be, if that is known. Nil if they are
  /// admitted.
  public func closed(at now: Date) -> (why: Closed, opens: Date?)? {
    if let closes, now >= closes.date { return (.over, nil) }
    if let opens, now < opens.date { return (.early, opens.date) }
    guard let hours, let zone = TimeZone(identifier: timeZone) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let time = calendar.dateComponents([.hour, .minute], from: now)
    guard !hours.contains((time.hour ?? 0) * 60 + (time.minute ?? 0)) else { return nil }
    let next = calendar.nextDate(
      after: now, matching: DateComponents(hour: hours.from / 60, minute: hours.from % 60, second: 0),
      matchingPolicy: .nextTime)
    if let next, let closes, next >= closes.date { return (.over, nil) }
    return (.hours, next)
  }
}
