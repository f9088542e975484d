namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Equally long parts of memory, one a frequency.</summary>
/// <param name="start">The first.</param>
/// <param name="length">Floats of a part.</param>
internal readonly unsafe struct FrequencyParts(float* start, int length)
{
    /// <summary>Floats between two parts beyond the part itself: without, all fall on the same lines of the cache.</summary>
    private const int Skew = 16;

    /// <summary>Floats from a part to the next.</summary>
    public nint Stride { get; } = length + Skew;

    public float* this[int frequency] => start + frequency * Stride;
}
