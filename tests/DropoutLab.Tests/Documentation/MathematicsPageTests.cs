using System.Globalization;
using DropoutLab.Backends.OneDnn.Winograd;

namespace DropoutLab.Tests.Documentation;

/// <summary>The matrices that docs/mathematics.md derives are the ones that the kernels apply.</summary>
public sealed unsafe class MathematicsPageTests
{
    private const int Lanes = 8;
    private const int Length = ITileScheme.MostPoints * Lanes;

    private delegate void Line(EvenlySpaced from, EvenlySpaced to);

    [Fact]
    public void TheMatricesOfTheTransformsAreTheStatedOnes()
    {
        SourceTree.Require();
        string page = SourceTree.Read("docs", "mathematics.md");
        AssertStated<FiveTaps>(page, "Bᵀ", "Aᵀ", "G");
        AssertStated<ThreeTaps>(page, "Bᵀ₃", "A₃ᵀ", "G₃");
        AssertStated<ThreeTapsStrideTwo>(page, "Bᵀ₂", "A₂ᵀ", "G₂");
        AssertStated<ThreeTapsStrideTwoTurned>(page, "Bᵀ₂′", "A₂′ᵀ", "G₂");
    }

    private static void AssertStated<TScheme>(string page, string input, string output, string kernel)
        where TScheme : struct, ITileScheme
    {
        float[][] outputs = Applied(TScheme.Output, TScheme.Outputs, TScheme.Points);
        Assert.Equal(Stated(page, input, TScheme.Points), Applied(TScheme.Input, TScheme.Points, TScheme.Pixels));
        Assert.Equal(Stated(page, output, TScheme.Outputs), outputs);
        Assert.Equal(Transposed(outputs), Applied(TScheme.OutputAdjoint, TScheme.Points, TScheme.Outputs));
        Assert.Equal(Stated(page, kernel, TScheme.Points), TScheme.KernelMatrix().Chunk(TScheme.Kernel));
    }

    private static float[][] Transposed(float[][] matrix) =>
        [.. Enumerable.Range(0, matrix[0].Length).Select(column => matrix.Select(row => row[column]).ToArray())];

    /// <summary>The rows below a line "NAME =".</summary>
    private static float[][] Stated(string page, string name, int rows)
    {
        string[] lines = page.Split('\n');
        int start = Array.IndexOf(lines, $"{name} =") + 1;
        Assert.True(start > 0, $"there is no matrix {name}");
        return [.. lines[start..(start + rows)]
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray())];
    }

    /// <summary>The matrix of a transform, by the columns that it makes of unit vectors.</summary>
    private static float[][] Applied(Line transform, int rows, int columns)
    {
        float[][] matrix = [.. Enumerable.Range(0, rows).Select(_ => new float[columns])];
        float* from = stackalloc float[Length], to = stackalloc float[Length];
        for (int column = 0; column < columns; column++)
        {
            new Span<float>(from, Length).Clear();
            from[column * Lanes] = 1;
            transform(new EvenlySpaced(from, Lanes), new EvenlySpaced(to, Lanes));
            for (int row = 0; row < rows; row++)
                matrix[row][column] = to[row * Lanes];
        }

        return matrix;
    }

    private static float Number(string text)
    {
        double[] parts = [.. text.Split('/').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        return (float)(parts.Length == 1 ? parts[0] : parts[0] / parts[1]);
    }
}
