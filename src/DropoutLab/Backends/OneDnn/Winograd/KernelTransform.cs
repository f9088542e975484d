namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Convolution kernels to and from their frequencies: GwGᵀ, and the adjoint Gᵀ(∂J/∂U)G.</summary>
internal static unsafe class KernelTransform<TScheme>
    where TScheme : struct, ITileScheme
{
    private const int Half = ITileScheme.MostPoints * ITileScheme.MostPoints;

    private static int Points => TScheme.Points;

    private static int Kernel => TScheme.Kernel;

    /// <summary>G [points × taps]: row j holds the powers of point j over Π (point j − other points); the last row is the point ∞.</summary>
    public static float[] Matrix()
    {
        double[] points = TScheme.FinitePoints.ToArray();
        float[] matrix = new float[Points * Kernel];
        for (int j = 0; j < points.Length; j++)
        {
            double product = points.Where((_, other) => other != j).Aggregate(1.0, (sofar, other) => sofar * (points[j] - other));
            for (int k = 0; k < Kernel; k++)
                matrix[j * Kernel + k] = (float)(Math.Pow(points[j], k) / product);
        }

        matrix[^1] = 1;
        return matrix;
    }

    /// <summary>GwGᵀ of one kernel of one pair of channels, the results <paramref name="stride"/> floats apart.</summary>
    public static void Forward(float* g, float* w, bool turned, float* to, int stride)
    {
        float* half = stackalloc float[Half];
        for (int i = 0; i < Points; i++)
        {
            for (int v = 0; v < Kernel; v++)
            {
                float sum = 0;
                for (int u = 0; u < Kernel; u++)
                    sum += g[i * Kernel + u] * w[turned ? Kernel * Kernel - 1 - (u * Kernel + v) : u * Kernel + v];
                half[i * Kernel + v] = sum;
            }
        }

        for (int i = 0; i < Points; i++)
        {
            for (int j = 0; j < Points; j++)
            {
                float sum = 0;
                for (int v = 0; v < Kernel; v++)
                    sum += half[i * Kernel + v] * g[j * Kernel + v];
                to[(i * Points + j) * (long)stride] = sum;
            }
        }
    }

    /// <summary>GᵀUG of one pair of channels, from values <paramref name="stride"/> floats apart.</summary>
    public static void Adjoint(float* g, float* from, int stride, float* w)
    {
        float* half = stackalloc float[Half];
        for (int u = 0; u < Kernel; u++)
        {
            for (int j = 0; j < Points; j++)
            {
                float sum = 0;
                for (int i = 0; i < Points; i++)
                    sum += g[i * Kernel + u] * from[(i * Points + j) * (long)stride];
                half[u * Points + j] = sum;
            }
        }

        for (int u = 0; u < Kernel; u++)
        {
            for (int v = 0; v < Kernel; v++)
            {
                float sum = 0;
                for (int j = 0; j < Points; j++)
                    sum += half[u * Points + j] * g[j * Kernel + v];
                w[u * Kernel + v] = sum;
            }
        }
    }
}
