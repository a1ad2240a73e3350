// SPDX-License-Identifier: Apache-2.0

import CLinux
import CSerialPort
import Devices
import Glibc

// libserialport 0.1.1 opens real ports: it knows the makers' odd baud rates and the modem lines. It
// cannot open pseudo-terminals (they have no /sys/class/tty entry and refuse TIOCMGET) and sets
// flow control wrongly (RTS/CTS in c_iflag, IXANY with XON/XOFF); so pseudo-terminals are opened by
// plain open(2), and the line discipline of both is set by termios here.

/// An open port that closes itself.
@safe struct OpenPort: ~Copyable {
  /// The descriptor, valid as long as this value lives.
  let number: Int32
  private let port: OpaquePointer?

  private init(_ number: Int32, _ port: OpaquePointer?) {
    self.number = number
    unsafe self.port = unsafe port
  }

  /// Opens a port and sets it.
  static func open(_ settings: SerialSettings) throws(LinkFault) -> OpenPort {
    guard let path = resolve(settings.path) else { throw .absent }
    let isPseudo = path.hasPrefix("/dev/pts/")
    let opened = isPseudo ? try openPseudo(path) : try openReal(path, baud: settings.baud)
    let number = opened.number
    if !setRaw(number, settings.flow) { throw fault(errno) }
    // Another program that opens it later would steal half of the bytes.
    if ioctl(number, UInt(TIOCEXCL), 0) != 0 || tcflush(number, TCIOFLUSH) != 0 {
      throw fault(errno)
    }
    return opened
  }

  deinit {
    if let port = unsafe port {
      // Nothing can be done about a failing close.
      unsafe _ = sp_close(port)
      unsafe sp_free_port(port)
    } else {
      _ = close(number)
    }
  }

  /// The device file behind symbolic links, which libserialport 0.1.1 does not follow; a name that
  /// the kernel has for a port stands for itself.
  private static func resolve(_ path: String) -> String? {
    if path.hasPrefix("/dev/"), unsafe access("/sys/class/tty/" + path.dropFirst(5), F_OK) == 0 {
      return path
    }
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private static func openPseudo(_ path: String) throws(LinkFault) -> OpenPort {
    let number = unsafe Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    if number < 0 { throw fault(errno) }
    return unsafe OpenPort(number, nil)
  }

  private static func openReal(_ path: String, baud: Int) throws(LinkFault) -> OpenPort {
    var found: OpaquePointer?
    let result = unsafe sp_get_port_by_name(path, &found)
    guard result == SP_OK, let port = unsafe found else { throw .absent }
    let opened = unsafe sp_open(port, SP_MODE_READ_WRITE)
    if opened != SP_OK {
      let code = sp_last_error_code()
      unsafe sp_free_port(port)
      throw opened == SP_ERR_FAIL ? fault(code) : .absent
    }
    var number: Int32 = -1
    // DTR off makes a printer hold its answers back, and RTS off holds the device back; both must
    // be set before CRTSCTS is, or libserialport refuses. A port without modem lines refuses too,
    // and works.
    let steps = unsafe [
      sp_set_baudrate(port, Int32(clamping: baud)), sp_set_bits(port, 8),
      sp_set_parity(port, SP_PARITY_NONE), sp_set_stopbits(port, 1),
      sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE), sp_get_port_handle(port, &number),
    ]
    unsafe _ = sp_set_dtr(port, SP_DTR_ON)
    unsafe _ = sp_set_rts(port, SP_RTS_ON)
    if steps.contains(where: { $0 != SP_OK }) || number < 0 {
      unsafe _ = sp_close(port)
      unsafe sp_free_port(port)
      throw .failed(code: EINVAL)
    }
    return unsafe OpenPort(number, port)
  }

  /// Raw, 8N1, wrong bytes marked, the lines kept when the port is closed; false when the driver
  /// refuses, or takes it and does something else.
  private static func setRaw(_ number: Int32, _ flow: SerialSettings.Flow) -> Bool {
    var wanted = termios()
    guard unsafe tcgetattr(number, &wanted) == 0 else { return false }
    unsafe cfmakeraw(&wanted)
    wanted.c_iflag &= ~tcflag_t(IXON | IXOFF | IXANY | IGNPAR | IGNBRK | BRKINT)
    wanted.c_iflag |= tcflag_t(INPCK | PARMRK)
    wanted.c_cflag &= ~(tcflag_t(HUPCL) | tcflag_t(CRTSCTS))
    wanted.c_cflag |= tcflag_t(CLOCAL | CREAD)
    switch flow {
    case .none: break
    case .cts: wanted.c_cflag |= tcflag_t(CRTSCTS)
    case .xonXoff: wanted.c_iflag |= tcflag_t(IXON)
    }
    guard unsafe tcsetattr(number, TCSANOW, &wanted) == 0 else { return false }
    var got = termios()
    guard unsafe tcgetattr(number, &got) == 0 else { return false }
    if got.c_iflag != wanted.c_iflag || got.c_cflag != wanted.c_cflag {
      errno = EINVAL
      return false
    }
    return true
  }

  private static func fault(_ code: Int32) -> LinkFault {
    switch code {
    case ENOENT, ENODEV, ENXIO: .absent
    case EACCES, EPERM: .denied
    case EBUSY: .busy
    case EIO: .lost
    default: .failed(code: code)
    }
  }
}
