using System.Diagnostics.CodeAnalysis;

namespace DropoutLab.Graph;

/// <summary>
/// The lengths of an array's axes. Activations are [batch, features] or [batch, height, width, channels] (NHWC), weights of a
/// convolution [outputs, inputs, height, width] (OIHW), weights of a linear layer [outputs, inputs].
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? axes;

    public Shape(params ReadOnlySpan<int> axes)
    {
        foreach (int length in axes)
        {
            if (length < 1)
                throw new DropoutLabException($"a shape's axes must be at least 1 long, not {length} as in [{Join(axes)}]");
        }

        this.axes = axes.ToArray();
    }

    public ReadOnlySpan<int> Axes => axes;

    /// <summary>The number of axes.</summary>
    public int Rank => Axes.Length;

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

    public bool Equals(Shape other) => Axes.SequenceEqual(other.Axes);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int length in Axes)
            hash.Add(length);
        return hash.ToHashCode();
    }

    public override string ToString() => $"[{Join(Axes)}]";

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    private static string Join(ReadOnlySpan<int> axes) => string.Join(", ", axes.ToArray());
}
