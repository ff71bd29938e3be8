// Package gobuild compiles the Go program of a Lambda function into a folder
// that holds nothing but the file bootstrap, as the runtime provided.al2023
// wants it and as CDK takes it for an asset.
//
// Two things decide how it builds. The same source gives the same bytes on
// every machine, so that a deployment uploads a function only when it changed:
// hence the flags, and no path, version stamp or build id in the binary. And
// Roomcast's own handlers are compiled inside Roomcast's own module folder,
// which may lie read-only in the module cache of whoever imports the
// constructs: that module's go.sum does not cover what only our handlers
// import, so a build from over there would fail.
//
// This package must stay free of jsii and of the AWS SDK.
package gobuild
