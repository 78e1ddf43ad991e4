// Command fieldsim is the field without hardware: card readers, cards and meters
// on a line, for anyone who wants to try vendgate, and the whole story played
// once against it.
//
// It knows vendgate only as a program that it starts and whose output it reads.
// What it runs is in one directory: cards, meters and pcscd's socket (package
// fixtures/field), vendgate's data directory "data", and the Unix socket
// "control.sock" over which "fieldsim card" and "fieldsim meter" act on a running
// field.
package main
