namespace DropoutLab.Benchmarks.Masks;

/// <summary>A line of the benchmark; these names, in snake_case, are those of the JSON.</summary>
/// <param name="NsPerElement">The median, all threads together.</param>
/// <param name="P10Ns">A tenth of the passes were faster.</param>
/// <param name="P90Ns">A tenth of the passes were slower.</param>
/// <param name="GigabytesPerSecond">
/// Read and written, by the median; what a processor fetches before it overwrites is not counted.
/// </param>
/// <param name="SpeedOfCopying">The time of copying the same array over this time, the median of the rounds' ratios.</param>
internal sealed record MaskResult(
    string Kernel, double? DropProbability, string Precision, int Features, int Threads, long Elements,
    double NsPerElement, double P10Ns, double P90Ns, double GigabytesPerSecond, double SpeedOfCopying);
