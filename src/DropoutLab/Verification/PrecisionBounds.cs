using DropoutLab.Backends;

namespace DropoutLab.Verification;

/// <summary>How far rounding may take the result of a layer from its exact value, relative to the norm.</summary>
internal static class PrecisionBounds
{
    public static double Of(Precision precision) => precision switch
    {
        Precision.Float64 => 1e-10,
        Precision.Float32 => 1e-5,
        _ => 2e-2,
    };
}
