// Package engines runs the services that the local cloud does not emulate itself,
// as child processes on 127.0.0.1: DynamoDB (dynalite, or AWS's DynamoDB Local) and
// SQS (fauxqs).
//
// dynalite and fauxqs are npm packages. The lockfile in folder node, which is
// embedded in the binary, pins their versions. [Install] installs them into the
// user's cache directory, once for each version of that folder.
// [Installation.Start] starts one. They need Node 22.13 or newer, and npm for the
// first use only.
//
// DynamoDB Local is the reference for dynalite: it starts more slowly and is closer
// to AWS. [InstallReference] installs it on demand. It needs a Java development
// kit.
//
// An engine keeps everything in memory and ends with the process that started it.
// It has one account, 000000000000, and one Region, us-east-1.
package engines
