import Foundation

/// Signals to this process.
enum Signals {
  /// Lets this thread receive signals again. The parent process may have left them blocked, as programs do that start others
  /// from a thread of Dispatch; a blocked signal would wait forever.
  static func unblock(_ numbers: [CInt]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
