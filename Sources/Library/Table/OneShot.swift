/// One drum sound of a library: a row of `library.csv`.
public struct OneShot: Sendable, Equatable {
  /// Its name in every table, unique in its library.
  public var candidate: String
  /// The drum class it belongs to.
  public var condition: DrumClass
  /// The sound file, relative to the table.
  public var file: String
  /// Sounds that a split must keep together: the instrument of a kit, whose velocity layers and takes are nearly the
  /// same sound.
  public var group: String
  /// What it sounds like, in the words of `TagRule`: `808`, `acoustic`, `lo-fi` …
  public var tags: [String]
  /// As the package or the kit states it; `unstated` if none does.
  public var licence: String
  /// The package and the path inside it, the user's file, or `synthesised` and its voice.
  public var source: String
  /// In seconds.
  public var duration: Double
  /// In hertz.
  public var sampleRate: Int
  /// Of the sound file.
  public var channelCount: Int
  /// SHA-256 of the decoded audio; see `SoundFingerprint.exact`.
  public var sha256: String
  /// Nil if the library is not split.
  public var split: Split?

  public init(
    candidate: String, condition: DrumClass, file: String, group: String, tags: [String] = [], licence: String,
    source: String, duration: Double, sampleRate: Int, channelCount: Int, sha256: String,
    split: Split? = nil
  ) {
    self.candidate = candidate
    self.condition = condition
    self.file = file
    self.group = group
    self.tags = tags
    self.licence = licence
    self.source = source
    self.duration = duration
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    self.sha256 = sha256
    self.split = split
  }
}
