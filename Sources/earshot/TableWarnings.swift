import Basics
import Foundation

extension TableNotes {
  /// Prints on standard error how tables were read, if that was not obvious.
  func tell() {
    for problem in warnings { FileHandle.standardError.write(Data("\(problem)\n".utf8)) }
  }
}
