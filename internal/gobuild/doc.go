// Package gobuild compiles the Go program of a Lambda function into a folder with
// only the file bootstrap, as the runtime provided.al2023 requires and the CDK
// accepts as an asset.
//
// The build meets two requirements. The same source gives the same bytes on every
// machine, so that a deployment uploads a function only if it changed: the binary
// has no path, version stamp or build ID. And Roomcast's own handlers are compiled
// inside Roomcast's module folder, which may be read-only in an importer's module
// cache. The importer's go.sum does not cover what only the handlers import, so a
// build from there would fail.
//
// This package must not depend on jsii or the AWS SDK.
package gobuild
