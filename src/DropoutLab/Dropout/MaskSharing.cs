namespace DropoutLab.Dropout;

/// <summary>Which features of a minibatch share one draw of the mask.</summary>
public sealed record MaskSharing
{
    private MaskSharing(bool acrossData) => AcrossData = acrossData;

    /// <summary>Every datum draws its own mask, of the shape of the layer's input: the default.</summary>
    public static MaskSharing PerDatum { get; } = new(acrossData: false);

    /// <summary>All data of a minibatch use the mask of datum 0.</summary>
    public static MaskSharing PerMinibatch { get; } = new(acrossData: true);

    /// <summary>Whether the data of a minibatch share a draw.</summary>
    public bool AcrossData { get; }

    /// <summary>The datum whose draw this datum uses.</summary>
    public uint DrawnDatum(uint datum) => AcrossData ? 0 : datum;

    /// <summary>Reads per-datum or per-minibatch.</summary>
    /// <exception cref="DropoutLabException">The text is neither.</exception>
    public static MaskSharing Parse(string text) => text switch
    {
        "per-datum" => PerDatum,
        "per-minibatch" => PerMinibatch,
        _ => throw new DropoutLabException($"mask sharing '{text}' is unknown: use per-datum or per-minibatch"),
    };

    /// <summary>per-datum or per-minibatch.</summary>
    public override string ToString() => AcrossData ? "per-minibatch" : "per-datum";
}
