namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// What a thread has in work of a block of strips: lines are one a frequency of the rows, tiles one a frequency of the columns.
/// </summary>
internal readonly unsafe struct StripScratch<TScheme>
    where TScheme : struct, ITileScheme
{
    private readonly WinogradGeometry<TScheme> geometry;
    private readonly int strips;

    /// <param name="geometry">The lengths.</param>
    /// <param name="strips">Of a block.</param>
    /// <param name="start"><see cref="FloatsOf"/> floats.</param>
    public StripScratch(WinogradGeometry<TScheme> geometry, int strips, float* start)
    {
        this.geometry = geometry;
        this.strips = strips;
        InputLines = new FrequencyParts(start, strips * geometry.InputLine);
        OutputLines = new FrequencyParts(InputLines[TScheme.Points], strips * geometry.OutputLine);
        InputTiles = new FrequencyParts(OutputLines[TScheme.Points], geometry.TileRoom(strips) * geometry.PaddedInputs);
        OutputTiles = new FrequencyParts(InputTiles[TScheme.Points], geometry.TileRoom(strips) * geometry.Outputs);
        Zeros = OutputTiles[TScheme.Points];
    }

    public FrequencyParts InputLines { get; }

    public FrequencyParts OutputLines { get; }

    public FrequencyParts InputTiles { get; }

    public FrequencyParts OutputTiles { get; }

    /// <summary>A row of the input or of the output.</summary>
    public float* Zeros { get; }

    public static long FloatsOf(WinogradGeometry<TScheme> geometry, int strips) =>
        new StripScratch<TScheme>(geometry, strips, null).Zeros - (float*)null + Math.Max(geometry.InputRow, geometry.OutputRow);

    /// <summary>The line of a strip.</summary>
    public float* InputLine(int frequency, int strip) => InputLines[frequency] + strip * geometry.InputLine;

    /// <inheritdoc cref="InputLine"/>
    public float* OutputLine(int frequency, int strip) => OutputLines[frequency] + strip * geometry.OutputLine;

    /// <summary>Sets to 0 the row of zeros, and the columns beside the image, which no transform of rows writes.</summary>
    public void Clear()
    {
        new Span<float>(Zeros, Math.Max(geometry.InputRow, geometry.OutputRow)).Clear();
        int before = geometry.Padding * geometry.Inputs;
        for (int f = 0; f < TScheme.Points; f++)
        {
            for (int s = 0; s < strips; s++)
            {
                ClearBut(InputLine(f, s), geometry.InputLine, before, geometry.InputRow);
                ClearBut(OutputLine(f, s), geometry.OutputLine, 0, geometry.OutputRow);
            }
        }
    }

    private static void ClearBut(float* line, int length, int from, int count)
    {
        new Span<float>(line, from).Clear();
        new Span<float>(line + from + count, length - from - count).Clear();
    }
}
