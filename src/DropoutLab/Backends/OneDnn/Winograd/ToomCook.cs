namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Products of polynomials by their values at points.</summary>
internal static class ToomCook
{
    /// <summary>
    /// G [points × taps]: row j holds the powers of point j over Π (point j − other points); the last row is the point ∞.
    /// </summary>
    public static float[] KernelMatrix(ReadOnlySpan<double> finitePoints, int taps)
    {
        double[] points = finitePoints.ToArray();
        float[] matrix = new float[(points.Length + 1) * taps];
        for (int j = 0; j < points.Length; j++)
        {
            double product = points.Where((_, other) => other != j).Aggregate(1.0, (sofar, other) => sofar * (points[j] - other));
            for (int k = 0; k < taps; k++)
                matrix[j * taps + k] = (float)(Math.Pow(points[j], k) / product);
        }

        matrix[^1] = 1;
        return matrix;
    }
}
