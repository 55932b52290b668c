"""Paper and screens that lead here: QR codes and the printable poster."""
