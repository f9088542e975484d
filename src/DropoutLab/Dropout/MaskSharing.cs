using System.Diagnostics;
using System.Globalization;

namespace DropoutLab.Dropout;

/// <summary>
/// Which elements of a layer's input [N, …] share one draw of the mask: axis by axis, as Keras's noise_shape says it. Along an
/// axis that is shared all elements have the draw of its first one; along the others each has its own. So the element of datum d
/// and feature f is kept if <see cref="MaskStream.Keeps"/> keeps (<see cref="DrawnDatum"/>, <see cref="DrawnFeature"/>).
/// </summary>
public sealed record MaskSharing
{
    private const string Forms =
        "per-datum, pair, per-minibatch, channel or shape:E,E,…, an E for each axis of a layer's input, the batch's first: 1 "
        + "(the axis shares a draw), * (it does not) or its length, as in shape:*,1,1,*";

    private const string ShapePrefix = "shape:";
    private const string NotShared = "*";

    private readonly Form form;
    private readonly int?[] entries;

    private MaskSharing(Form form, params int?[] entries) => (this.form, this.entries) = (form, entries);

    private enum Form
    {
        PerDatum,
        Pair,
        PerMinibatch,
        Channel,
        Shape,
    }

    /// <summary>Every datum draws its own mask, of the shape of the layer's input: the default.</summary>
    public static MaskSharing PerDatum { get; } = new(Form.PerDatum);

    /// <summary>Data 2i and 2i + 1, such as the two views of a sentence, use the mask of datum i.</summary>
    public static MaskSharing Pair { get; } = new(Form.Pair);

    /// <summary>All data of a minibatch use the mask of datum 0.</summary>
    public static MaskSharing PerMinibatch { get; } = new(Form.PerMinibatch);

    /// <summary>
    /// Every datum draws once a channel: all axes but the batch and the last one are shared. For images [N, H, W, C] a feature
    /// map is dropped or kept whole (spatial dropout); for vectors [N, F] it is <see cref="PerDatum"/>.
    /// </summary>
    /// <remarks>Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015.</remarks>
    public static MaskSharing Channel { get; } = new(Form.Channel);

    /// <summary>Whether the data of a minibatch share their draws.</summary>
    public bool AcrossData => form == Form.PerMinibatch || (form == Form.Shape && entries[0] == 1);

    /// <summary>Any set of shared axes.</summary>
    /// <param name="entries">
    /// One for each axis of the layer's input, the batch's first: 1 if the axis shares a draw; null, or the axis's own length, if
    /// it does not. Keras calls this the noise shape.
    /// </param>
    /// <exception cref="DropoutLabException">There is no entry, or one below 1.</exception>
    public static MaskSharing Shape(params ReadOnlySpan<int?> entries)
    {
        MaskSharing sharing = new(Form.Shape, entries.ToArray());
        return sharing.entries.Length > 0 && !sharing.entries.Any(entry => entry < 1)
            ? sharing
            : throw Unknown(sharing.ToString());
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="DropoutLabException">The text is no sharing.</exception>
    public static MaskSharing Parse(string text) => text switch
    {
        "per-datum" => PerDatum,
        "pair" => Pair,
        "per-minibatch" => PerMinibatch,
        "channel" => Channel,
        _ when text.StartsWith(ShapePrefix, StringComparison.Ordinal) => Shape(Entries(text)),
        _ => throw Unknown(text),
    };

    /// <summary>The same over batches of another length than an entry may say.</summary>
    internal MaskSharing OverAnyBatch() => form == Form.Shape && entries[0] > 1 ? Shape([null, .. entries[1..]]) : this;

    /// <summary>The datum whose draws datum d uses: 0 where the batch is shared, ⌊d/2⌋ of pairs, else d.</summary>
    public uint DrawnDatum(uint datum) => AcrossData ? 0 : form == Form.Pair ? datum / 2 : datum;

    /// <summary>
    /// The number of the draw that a feature uses: its row-major index within the axes of a datum, after each shared axis has
    /// shrunk to length 1.
    /// </summary>
    /// <param name="shape">The layer's input, the batch first.</param>
    /// <param name="feature">The row-major index within all axes of a datum.</param>
    /// <exception cref="DropoutLabException">The sharing does not fit the shape.</exception>
    public int DrawnFeature(ReadOnlySpan<int> shape, int feature)
    {
        CheckFit(shape, "an input");
        int drawn = 0, draws = 1;
        for (int axis = shape.Length - 1; axis > 0; axis--)
        {
            (feature, int coordinate) = Math.DivRem(feature, shape[axis]);
            if (IsShared(axis, shape.Length))
                continue;
            drawn += coordinate * draws;
            draws *= shape[axis];
        }

        return drawn;
    }

    /// <summary>per-datum, pair, per-minibatch, channel, or shape: and the entries, * for null.</summary>
    public override string ToString() => form switch
    {
        Form.PerDatum => "per-datum",
        Form.Pair => "pair",
        Form.PerMinibatch => "per-minibatch",
        Form.Channel => "channel",
        Form.Shape =>
            ShapePrefix + string.Join(',', entries.Select(entry => entry?.ToString(CultureInfo.InvariantCulture) ?? NotShared)),
        _ => throw new UnreachableException(),
    };

    /// <inheritdoc/>
    public bool Equals(MaskSharing? other) =>
        other is not null && form == other.form && entries.AsSpan().SequenceEqual(other.entries);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Refuses an input that has other axes than this speaks of.</summary>
    /// <param name="shape">The input, the batch first.</param>
    /// <param name="input">What to call it, as in "the input of conv2".</param>
    /// <exception cref="DropoutLabException">The number of axes or the length of one does not fit.</exception>
    internal void CheckFit(ReadOnlySpan<int> shape, string input)
    {
        if (form != Form.Shape)
            return;
        if (entries.Length != shape.Length)
            throw Misfit(shape, input, $"it has {entries.Length} entries for {shape.Length} axes");
        for (int axis = 0; axis < entries.Length; axis++)
        {
            if (entries[axis] is int entry && entry != 1 && entry != shape[axis])
                throw Misfit(shape, input, $"entry {entry} must be 1, * or the axis's length, {shape[axis]}");
        }
    }

    /// <summary>Whether an axis of an input of <paramref name="rank"/> axes shares its draws.</summary>
    internal bool IsShared(int axis, int rank) => form switch
    {
        Form.PerMinibatch => axis == 0,
        Form.Channel => axis > 0 && axis < rank - 1,
        Form.Shape => entries[axis] == 1,
        Form.PerDatum or Form.Pair => false,
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// Which axes of an input share their draws, as 1 and * with commas: one of length 1 has nothing to share. 2 is for pairs.
    /// </summary>
    /// <param name="shape">The input, the batch first.</param>
    internal string SharedAxes(ReadOnlySpan<int> shape)
    {
        string[] axes = new string[shape.Length];
        for (int axis = 0; axis < axes.Length; axis++)
            axes[axis] = shape[axis] > 1 && IsShared(axis, axes.Length) ? "1" : NotShared;
        if (form == Form.Pair && shape[0] > 1)
            axes[0] = "2";
        return string.Join(',', axes);
    }

    private static int?[] Entries(string text) => [.. text[ShapePrefix.Length..].Split(',').Select(entry => Entry(entry, text))];

    private static int? Entry(string entry, string text) => entry == NotShared
        ? null
        : int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : throw Unknown(text);

    private static DropoutLabException Unknown(string text) =>
        new($"mask sharing '{text}' is unknown: use {Forms}", SettingName.MaskSharing, text);

    private DropoutLabException Misfit(ReadOnlySpan<int> shape, string input, string why) =>
        new($"mask sharing {this} does not fit {input}, [{string.Join(", ", shape.ToArray())}]: {why}",
            SettingName.MaskSharing, this);
}
