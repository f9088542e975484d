using System.Diagnostics.CodeAnalysis;

namespace DropoutLab.Graph;

/// <summary>
/// The lengths of an array's axes. Activations are [batch, features] or [batch, height, width, channels] (NHWC), weights of a
/// convolution [outputs, inputs, height, width] (OIHW), weights of a linear layer [outputs, inputs].
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? axes;

    /// <summary>A shape of given lengths.</summary>
    /// <param name="axes">The lengths, the outermost axis first; none for a scalar.</param>
    /// <exception cref="DropoutLabException">A length is below 1.</exception>
    public Shape(params ReadOnlySpan<int> axes)
    {
        foreach (int length in axes)
        {
            if (length < 1)
                throw new DropoutLabException($"a shape's axes must be at least 1 long, not {length} as in [{Join(axes)}]");
        }

        this.axes = axes.ToArray();
    }

    /// <summary>The lengths, the outermost axis first.</summary>
    public ReadOnlySpan<int> Axes => axes;

    /// <summary>The number of axes.</summary>
    public int Rank => Axes.Length;

    /// <summary>An axis's length, the outermost one's at 0.</summary>
    public int this[int axis] => Axes[axis];

    /// <summary>The number of elements: the product of the axes.</summary>
    /// <exception cref="DropoutLabException">They are more than an int counts.</exception>
    public int Count
    {
        get
        {
            double count = 1;
            foreach (int length in Axes)
                count *= length;
            return count <= int.MaxValue
                ? (int)count
                : throw new DropoutLabException(
                    $"an array of shape {this} has more than {int.MaxValue} elements: a smaller batch or network is needed");
        }
    }

    /// <summary>The number of elements of one datum: the product of all axes but the first.</summary>
    public int CountPerDatum => Count / this[0];

    /// <summary>The last axis alone: the channels of images, the features of rows.</summary>
    internal Shape Channels => new(Axes[^1]);

    /// <summary>The same axes but for the last.</summary>
    internal Shape WithChannels(int channels) => new([.. Axes[..^1], channels]);

    /// <inheritdoc/>
    public bool Equals(Shape other) => Axes.SequenceEqual(other.Axes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int length in Axes)
            hash.Add(length);
        return hash.ToHashCode();
    }

    /// <summary>As in [32, 28, 28, 1].</summary>
    public override string ToString() => $"[{Join(Axes)}]";

    /// <inheritdoc/>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    private static string Join(ReadOnlySpan<int> axes) => string.Join(", ", axes.ToArray());
}
