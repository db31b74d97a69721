import Basics
import Foundation

extension TableNotes {
  /// Says on the error output how tables were read where that was not a matter of course.
  func tell() {
    for problem in warnings { FileHandle.standardError.write(Data("\(problem)\n".utf8)) }
  }
}
