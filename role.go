package ancmbench

// GeneratorRole is the role of the load generator, which is no part of what a
// target costs.
const GeneratorRole = "generator"
