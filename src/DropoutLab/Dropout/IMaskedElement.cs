namespace DropoutLab.Dropout;

/// <summary>How elements of a type are multiplied by a scaled mask, 64 at a time.</summary>
/// <typeparam name="TElement">The type they are stored as.</typeparam>
internal unsafe interface IMaskedElement<TElement> where TElement : unmanaged
{
    /// <summary>destination[i] = bit i of keep ? source[i] · scale : +0, i = 0 … 63. The two may be one array.</summary>
    static abstract void MultiplyGroup(ulong keep, TElement* source, TElement* destination, float scale);
}
