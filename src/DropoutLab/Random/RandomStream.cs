namespace DropoutLab.Random;

/// <summary>The name under which something draws: what for, which of several draws, and in which layer.</summary>
public readonly record struct RandomStream
{
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="which">0 to 255: which of a layer's masks, or which property of an image.</param>
    /// <param name="layer">0 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number does not fit.</exception>
    public RandomStream(RandomPurpose purpose, int which = 0, int layer = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)purpose, byte.MaxValue, nameof(purpose));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)which, byte.MaxValue, nameof(which));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)layer, ushort.MaxValue, nameof(layer));
        Word = (uint)purpose << 24 | (uint)which << 16 | (uint)layer;
    }

    /// <summary>Counter word c3: purpose · 2²⁴ + which · 2¹⁶ + layer.</summary>
    public uint Word { get; }
}
