namespace DropoutLab.Backends;

/// <summary>What activations, weights in compute form and error signals are stored and multiplied in.</summary>
public enum Precision
{
    /// <summary>IEEE 754 binary32 everywhere.</summary>
    Float32,

    /// <summary>
    /// bfloat16, rounded to nearest even; sums, statistics, the loss, the gradients of weights and the optimiser stay in
    /// binary32.
    /// </summary>
    BFloat16,

    /// <summary>IEEE 754 binary64 everywhere; the reference backend only.</summary>
    Float64,
}

/// <summary>Facts about precisions.</summary>
public static class Precisions
{
    /// <summary>The name on the command line and in results.</summary>
    public static string ShortName(this Precision precision) => precision switch
    {
        Precision.Float32 => "f32",
        Precision.BFloat16 => "bf16",
        Precision.Float64 => "f64",
        _ => throw Unknown(precision),
    };

    /// <summary>Reads what <see cref="ShortName"/> writes.</summary>
    /// <exception cref="DropoutLabException">There is no such precision.</exception>
    public static Precision Parse(string name) => name switch
    {
        "f32" => Precision.Float32,
        "bf16" => Precision.BFloat16,
        "f64" => Precision.Float64,
        _ => throw new DropoutLabException(
            $"there is no precision '{name}': choose f32, bf16 or f64", SettingName.Precision, name),
    };

    /// <summary>Bytes an activation takes.</summary>
    internal static int ActivationBytes(this Precision precision) => precision switch
    {
        Precision.Float32 => 4,
        Precision.BFloat16 => 2,
        Precision.Float64 => 8,
        _ => throw Unknown(precision),
    };

    /// <summary>Bytes a parameter, a gradient of one, or a loss takes.</summary>
    internal static int AccumulatorBytes(this Precision precision) => precision == Precision.Float64 ? 8 : 4;

    internal static ArgumentOutOfRangeException Unknown(Precision precision) =>
        new(nameof(precision), precision, "no such precision");
}
